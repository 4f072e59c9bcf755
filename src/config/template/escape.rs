//! Table names inside parameter names and keys.

use std::borrow::Cow;
use std::fmt::Write as _;

/// A table or schema as part of a parameter name.
///
/// Parameter Store accepts letters, digits and `_ . - /` (API reference, `PutParameter`). Everything in a table's
/// name but ASCII letters, digits, `_` and `-` is written as `.` and two hexadecimal digits for each UTF-8 byte:
/// `Order Details` becomes `Order.20Details`. The dot itself is escaped too, so that different tables have
/// different names.
pub(super) fn in_parameter(name: &str) -> Cow<'_, str> {
    escape(name, '.', |c| {
        c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
    })
}

/// The inverse of [`in_parameter`]; `None` for a text that it never produces.
pub(super) fn from_parameter(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'.' {
            bytes.push(byte);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        let digits = std::str::from_utf8(digits).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = after;
    }
    let name = String::from_utf8(bytes).ok()?;
    (in_parameter(&name) == text).then_some(name)
}

/// A table or schema as part of an object's key.
///
/// S3 accepts any text, but `/` separates parts, a part `..` climbs out of its folder in a local store, and control
/// characters break tools. Everything but letters, digits, space and `_ - . $` is percent-encoded, as are the dots
/// of a name that consists only of dots.
pub(super) fn in_key(name: &str) -> Cow<'_, str> {
    let only_dots = name.chars().all(|c| c == '.');
    escape(name, '%', |c| {
        c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '$') || (c == '.' && !only_dots)
    })
}

fn escape(name: &str, mark: char, keeps: impl Fn(char) -> bool) -> Cow<'_, str> {
    if name.chars().all(&keeps) {
        return Cow::Borrowed(name);
    }
    let mut escaped = String::with_capacity(name.len() + 8);
    for character in name.chars() {
        if keeps(character) {
            escaped.push(character);
            continue;
        }
        for byte in character.encode_utf8(&mut [0; 4]).bytes() {
            // Writing to a String cannot fail.
            let _ = write!(escaped, "{mark}{byte:02X}");
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ordinary_names_stay_as_they_are_and_others_are_escaped() {
        assert_eq!(in_parameter("sales_order-2"), "sales_order-2");
        assert_eq!(in_parameter("Order Details"), "Order.20Details");
        assert_eq!(in_parameter("a.b/é"), "a.2Eb.2F.C3.A9");
        assert_eq!(in_key("Größe $ 1.2"), "Größe $ 1.2");
        assert_eq!(in_key("a/b%\u{7}\u{202e}"), "a%2Fb%25%07%E2%80%AE");
        assert_eq!(in_key(".."), "%2E%2E");
    }

    #[test]
    fn what_was_never_written_is_not_read() {
        for text in ["a.b", "a.", "a.2", "a.41", "a.2e", "a b", "a.FF"] {
            assert_eq!(from_parameter(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_name_is_read_back(name in "\\PC{0,20}|.{0,8}") {
            prop_assert_eq!(from_parameter(&in_parameter(&name)), Some(name));
        }

        #[test]
        fn no_name_escapes_its_part_of_a_key(name in ".{1,20}") {
            let part = in_key(&name);
            prop_assert!(!part.contains(['/', '\\']) && part != "." && part != "..");
            prop_assert!(!part.chars().any(char::is_control));
        }
    }
}
