//! `json`, `jsonb`, and what the server has encoded itself: text that is already JSON.

use super::super::error::ValueError;

/// The only version of jsonb's binary form (PostgreSQL source, `jsonb_send`).
const JSONB_VERSION: u8 = 1;

/// Copies a JSON value, replacing every line break with a space. Within strings, line breaks are
/// always escaped, so the only ones are between tokens.
pub(super) fn json(bytes: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(bytes);
    let copied = &mut out[start..];
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'\n', b'\r', &copied[at..]) {
        at += found;
        copied[at] = b' ';
    }
}

/// Copies a jsonb value, which PostgreSQL prints without line breaks.
pub(super) fn jsonb(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), ValueError> {
    let Some((&JSONB_VERSION, text)) = bytes.split_first() else {
        return Err(ValueError::Content {
            what: "jsonb of version 1",
        });
    };
    out.extend_from_slice(text);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_between_tokens_become_spaces_and_nothing_else_changes() {
        let mut out = b"[".to_vec();
        json(b"{\r\n\t\"a\\n\" :\n1 }\n", &mut out);
        assert_eq!(out, b"[{  \t\"a\\n\" : 1 } ");
    }

    #[test]
    fn jsonb_of_another_version_is_refused() {
        let mut out = Vec::new();
        assert!(jsonb(b"\x02{}", &mut out).is_err());
        assert!(jsonb(b"", &mut out).is_err());
        assert!(jsonb(b"\x01{}", &mut out).is_ok());
        assert_eq!(out, b"{}");
    }
}
