//! Strings, escaped as PostgreSQL's `escape_json` does.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Text is looked through in blocks of so many bytes.
const BLOCK: usize = 32;

/// Appends `bytes` as a JSON string with its quotes.
///
/// Escaped are `"`, `\` and everything below the space: the five with a short form (`\b \f \n \r
/// \t`) in it, the others as `\u001f`. Everything else is copied in runs.
pub(in super::super) fn text(bytes: &[u8], out: &mut Vec<u8>) {
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    let mut rest = bytes;
    loop {
        let plain = plain_run(rest);
        out.extend_from_slice(&rest[..plain]);
        let Some((&special, after)) = rest[plain..].split_first() else {
            break;
        };
        escape(special, out);
        rest = after;
    }
    out.push(b'"');
}

/// How many bytes from the beginning need no escape.
#[inline]
fn plain_run(bytes: &[u8]) -> usize {
    // Without a way out in the middle of a block, the compiler looks at many bytes in one instruction.
    let has_special =
        |block: &&[u8; BLOCK]| block.iter().fold(false, |any, &b| any | is_special(b));
    let (blocks, _) = bytes.as_chunks::<BLOCK>();
    let plain = BLOCK
        * blocks
            .iter()
            .take_while(|block| !has_special(block))
            .count();
    plain + plain_run_by_words(&bytes[plain..])
}

/// The same, eight bytes in one step.
#[inline]
fn plain_run_by_words(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let special = special_bytes(u64::from_le_bytes(*word));
        if special != 0 {
            return at + (special.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    bytes[at..]
        .iter()
        .position(|&byte| is_special(byte))
        .map_or(bytes.len(), |found| at + found)
}

/// Marks the bytes of a word that need an escape: the lowest mark is right, those above it may be
/// false, because a subtraction borrows ("Hacker's Delight", 6-1).
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
        for special in [0, 0x1f, b'"', b'\\'] {
            for place in 0..70 {
                for neighbour in [b' ', b'!', b'#', b'[', b']', 0x7f, 0x80, 0x9f, 0xa2, 0xff] {
                    let mut bytes = [neighbour; 70];
                    bytes[place] = special;
                    assert_eq!(plain_run(&bytes), place, "{special} beside {neighbour}");
                    assert_eq!(plain_run(&bytes[..place]), place);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn what_was_escaped_is_read_back(value in ".*") {
            let out = escaped(value.as_bytes());
            prop_assert_eq!(serde_json::from_slice::<String>(&out).expect("valid JSON"), value);
        }
    }
}
