//! Text from a database on its way to a terminal.
//!
//! A value may hold anything: escape sequences that move the cursor or rename the window,
//! characters that reverse the direction of what follows. They are shown, never obeyed.

use std::borrow::Cow;
use std::fmt::Write as _;

/// `text` with every character that a terminal would act upon written as `\u{1b}`, tabs and line
/// breaks as `\t` and `\n`.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    replace(text, |c, out| match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        _ => {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
    })
}

/// A line of JSON with the same characters as JSON escapes: still the same value to any reader.
#[must_use]
pub fn visible_json(line: &str) -> Cow<'_, str> {
    replace(line, |c, out| {
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    })
}

fn replace(text: &str, escape: impl Fn(char, &mut String)) -> Cow<'_, str> {
    if !text.chars().any(is_acted_upon) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_acted_upon(c) {
            escape(c, &mut out);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// C0 and C1 controls, line and paragraph separators, and the characters that steer direction
/// (Unicode Standard Annex 9, 2.1 to 2.6) or cannot be seen at all.
fn is_acted_upon(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{061c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{2069}'
                | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown_instead() {
        assert_eq!(visible("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(visible("two\nlines\tand"), "two\\nlines\\tand");
        assert_eq!(visible("\u{202e}evil"), "\\u{202e}evil");
        assert_eq!(visible("\u{9b}31m"), "\\u{9b}31m");
    }

    #[test]
    fn ordinary_text_of_any_script_is_left_alone() {
        for text in ["payment", "Zürich", "支払い", "🙂"] {
            assert!(matches!(visible(text), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn an_escaped_json_line_is_the_same_json() {
        let line = "{\"a\":\"\u{9b}31m\u{202e}\"}";
        let escaped = visible_json(line);
        assert_eq!(escaped, "{\"a\":\"\\u009b31m\\u202e\"}");
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
        assert_eq!(read(&escaped), read(line));
    }
}
