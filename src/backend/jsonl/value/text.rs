//! Strings, escaped as by PostgreSQL's `escape_json`.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Text is checked in blocks of this many bytes, and in words if a block needs escapes.
const BLOCK: usize = 32;
const WORD: usize = size_of::<u64>();

/// Appends `bytes` as a JSON string with its quotes.
///
/// `"`, `\` and everything below the space are escaped: the five characters with a short form
/// (`\b \f \n \r \t`) in that form, the others as `\u001f`. Everything else is copied in blocks and words
/// while it is checked.
pub(in super::super) fn text(bytes: &[u8], out: &mut Vec<u8>) {
    out.reserve(bytes.len() + 2 + WORD);
    out.push(b'"');
    let mut rest = bytes;
    loop {
        if let Some((block, after)) = rest.split_first_chunk()
            && is_plain(block)
        {
            out.extend_from_slice(block);
            rest = after;
            continue;
        }
        let Some((word, after)) = rest.split_first_chunk() else {
            break;
        };
        let special = special_bytes(u64::from_le_bytes(*word));
        out.extend_from_slice(word);
        if special == 0 {
            rest = after;
            continue;
        }
        let plain = (special.trailing_zeros() / 8) as usize;
        out.truncate(out.len() - WORD + plain);
        escape(word[plain], out);
        rest = &rest[plain + 1..];
    }
    for &byte in rest {
        if is_special(byte) {
            escape(byte, out);
        } else {
            out.push(byte);
        }
    }
    out.push(b'"');
}

/// Whether no byte of a block needs an escape. Without an early exit, the compiler can check many bytes
/// with one instruction.
#[inline]
fn is_plain(block: &[u8; BLOCK]) -> bool {
    !block
        .iter()
        .fold(false, |any, &byte| any | is_special(byte))
}

/// Marks the bytes of a word that need an escape. The lowest mark is right; those above it may be false,
/// because subtraction borrows ("Hacker's Delight", 6-1).
#[inline]
const fn special_bytes(word: u64) -> u64 {
    let quotes = word ^ (ONES * b'"' as u64);
    let backslashes = word ^ (ONES * b'\\' as u64);
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    let quote = quotes.wrapping_sub(ONES) & !quotes;
    let backslash = backslashes.wrapping_sub(ONES) & !backslashes;
    (control | quote | backslash) & HIGH
}

#[inline]
const fn is_special(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

#[cold]
fn escape(byte: u8, out: &mut Vec<u8>) {
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        0x0c => b'f',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        _ => {
            let low = b"0123456789abcdef"[usize::from(byte & 15)];
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', b'0' + (byte >> 4), low]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn escaped(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        text(bytes, &mut out);
        out
    }

    #[test]
    fn only_quotes_backslashes_and_control_characters_are_escaped() {
        assert_eq!(
            escaped("a\"b\\c/\u{1}\u{1f}\u{7f}\u{8}\u{c}\n\r\t é 🦀 \u{2028}".as_bytes()),
            "\"a\\\"b\\\\c/\\u0001\\u001f\u{7f}\\b\\f\\n\\r\\t é 🦀 \u{2028}\"".as_bytes()
        );
        assert_eq!(escaped(b""), b"\"\"");
    }

    #[test]
    fn a_special_byte_is_found_at_every_place_beside_every_neighbour() {
        for (special, printed) in [
            (0, "\\u0000"),
            (0x1f, "\\u001f"),
            (b'"', "\\\""),
            (b'\\', "\\\\"),
        ] {
            for place in 0..70 {
                for neighbour in [b' ', b'!', b'#', b'[', b']', 0x7f, 0x80, 0x9f, 0xa2, 0xff] {
                    let mut bytes = [neighbour; 70];
                    bytes[place] = special;
                    let (before, after) = (&bytes[..place], &bytes[place + 1..]);
                    let expected = [b"\"", before, printed.as_bytes(), after, b"\""].concat();
                    assert_eq!(escaped(&bytes), expected, "{special} beside {neighbour}");
                    assert_eq!(escaped(before), [b"\"", before, b"\""].concat());
                }
            }
        }
    }

    proptest! {
        #[test]
        fn what_was_escaped_is_read_back(value in r#"(.|[a"\\\n]){0,90}"#) {
            let out = escaped(value.as_bytes());
            prop_assert_eq!(serde_json::from_slice::<String>(&out).expect("valid JSON"), value);
        }
    }
}
