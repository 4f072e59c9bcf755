//! `uuid` and `bytea`: hexadecimal digits.

pub(super) fn uuid(bytes: &[u8; 16], out: &mut Vec<u8>) {
    let mut digits = [0; 32];
    // All digits first, without the hyphens: only then are they computed together.
    for (pair, byte) in digits.as_chunks_mut().0.iter_mut().zip(bytes) {
        *pair = hex(*byte);
    }
    let mut text = *b"\"????????-????-????-????-????????????\"";
    text[1..9].copy_from_slice(&digits[..8]);
    text[10..14].copy_from_slice(&digits[8..12]);
    text[15..19].copy_from_slice(&digits[12..16]);
    text[20..24].copy_from_slice(&digits[16..20]);
    text[25..37].copy_from_slice(&digits[20..]);
    out.extend_from_slice(&text);
}

/// `bytea_output = hex`, whose backslash is escaped in JSON.
pub(super) fn bytea(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(br#""\\x"#);
    let start = out.len();
    out.resize(start + 2 * bytes.len(), 0);
    let (pairs, _) = out[start..].as_chunks_mut();
    for (pair, byte) in pairs.iter_mut().zip(bytes) {
        *pair = hex(*byte);
    }
    out.push(b'"');
}

#[inline]
const fn hex(byte: u8) -> [u8; 2] {
    [digit(byte >> 4), digit(byte & 15)]
}

/// Computed rather than looked up, so that the compiler can produce many digits with one
/// instruction.
#[inline]
const fn digit(value: u8) -> u8 {
    const LETTERS: u8 = b'a' - b'0' - 10;
    b'0' + value + if value > 9 { LETTERS } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_written_in_five_groups_of_lower_case() {
        let bytes = [
            0xa0, 0xee, 0xbc, 0x99, 0x9c, 0x0b, 0x4e, 0xf8, 0xbb, 0x6d, 0x6b, 0xb9, 0xbd, 0x38,
            0x0a, 0x11,
        ];
        let mut out = Vec::new();
        uuid(&bytes, &mut out);
        assert_eq!(out, br#""a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11""#);
    }

    #[test]
    fn every_byte_has_its_two_digits() {
        for byte in 0..=u8::MAX {
            let expected = format!("{byte:02x}");
            assert_eq!(hex(byte), expected.as_bytes(), "{byte}");
        }
    }

    #[test]
    fn bytes_are_hexadecimal_behind_an_escaped_backslash() {
        let mut out = Vec::new();
        bytea(&[0, 0xff, 0x5c], &mut out);
        assert_eq!(out, br#""\\x00ff5c""#);
    }
}
