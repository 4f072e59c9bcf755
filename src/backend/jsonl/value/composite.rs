//! Composites of types that have an encoder.
//!
//! The binary form is that of `record_send`: the number of fields, then for each field its type, its
//! length or -1 for NULL, and its value; dropped fields are not sent. The text is that of
//! `composite_to_json`, without line feeds.

use super::super::encoding::Field;
use super::super::error::ValueError;
use super::encode;
use super::unread::Unread;

/// Appends a composite with these fields.
///
/// # Errors
/// The bytes are not such a composite: for example, somebody has changed the type since the catalog
/// was read.
pub(super) fn composite(
    fields: &[Field],
    bytes: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), ValueError> {
    let mut unread = Unread::new(bytes, "composite of the fields that the type had");
    if usize::try_from(unread.int()?) != Ok(fields.len()) {
        return Err(unread.damaged());
    }
    if fields.is_empty() {
        out.push(b'{');
    }
    for field in fields {
        if unread.oid()? != field.type_oid {
            return Err(unread.damaged());
        }
        match unread.part()? {
            None => field.label.null(out),
            Some(bytes) => {
                field.label.before_value(out);
                encode(&field.encoding, bytes, out)?;
            }
        }
    }
    out.push(b'}');
    unread.finish()
}

#[cfg(test)]
mod tests {
    use super::super::super::encoding::Encoding;
    use super::super::super::label::Label;
    use super::*;

    /// Encodes a composite of an int4 `a` and a text `"b"`.
    fn encoded(bytes: &[&[u8]]) -> Result<String, ValueError> {
        let field = |position, name, type_oid, encoding| Field {
            label: Label::new(position, name),
            type_oid,
            encoding,
        };
        let fields = [
            field(0, "a", 23, Encoding::Int4),
            field(1, "\"b\"", 25, Encoding::Text),
        ];
        let mut out = Vec::new();
        composite(&fields, &bytes.concat(), &mut out)?;
        Ok(String::from_utf8(out).expect("text"))
    }

    const A: &[u8] = &[0, 0, 0, 23, 0, 0, 0, 4, 0, 0, 1, 0];
    const B: &[u8] = &[0, 0, 0, 25, 0, 0, 0, 1, b'x'];
    const NO_B: &[u8] = &[0, 0, 0, 25, 255, 255, 255, 255];

    #[test]
    fn fields_are_members() {
        let two = &[0, 0, 0, 2];
        assert_eq!(
            encoded(&[two, A, B]).as_deref(),
            Ok(r#"{"a":256,"\"b\"":"x"}"#)
        );
        assert_eq!(
            encoded(&[two, A, NO_B]).as_deref(),
            Ok(r#"{"a":256,"\"b\"":null}"#)
        );
        let mut out = Vec::new();
        assert_eq!(composite(&[], &[0; 4], &mut out), Ok(()));
        assert_eq!(out, b"{}");
    }

    #[test]
    fn other_fields_than_the_type_had_are_refused() {
        let (one, two, three): ([u8; 4], _, _) = ([0, 0, 0, 1], [0, 0, 0, 2], [0, 0, 0, 3]);
        for wrong in [
            &[&one[..], A][..],
            &[&three, A, B, B],
            &[&two, B, A],
            &[&two, A],
            &[&two, A, B, &[0]],
            &[&two, A, &B[..8]],
            &[],
        ] {
            let error = encoded(wrong).expect_err("no such composite");
            assert_eq!(
                error.to_string(),
                "the bytes hold no composite of the fields that the type had"
            );
        }
    }
}
