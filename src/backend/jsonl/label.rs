//! The text in front of a value in a JSON object.

use super::value;

/// The JSON of an SQL NULL.
const NULL: &[u8] = b"null";

/// Bytes copied in front of a value, whatever the length of the name: a copy whose length is known at
/// compile time needs no call.
const WIDE: usize = 32;

/// The name of one member of an object, encoded once for all objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Label {
    /// `{"a":null` for the first member, `,"b":null` for the others. Without its last word, it is the
    /// text in front of a value.
    null: Box<[u8]>,
    /// The text in front of a value, padded to `WIDE` bytes; `None` if the text is longer than that.
    wide: Option<[u8; WIDE]>,
}

impl Label {
    pub(super) fn new(position: usize, name: &str) -> Self {
        let mut null = vec![if position == 0 { b'{' } else { b',' }];
        value::text(name.as_bytes(), &mut null);
        null.push(b':');
        let mut wide = [0; WIDE];
        let fits = wide.get_mut(..null.len());
        let wide = fits
            .map(|start| start.copy_from_slice(&null))
            .map(|()| wide);
        null.extend_from_slice(NULL);
        Self {
            null: null.into_boxed_slice(),
            wide,
        }
    }

    /// Appends the member as NULL.
    #[inline]
    pub(super) fn null(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.null);
    }

    /// Appends the text in front of the member's value.
    #[inline]
    pub(super) fn before_value(&self, out: &mut Vec<u8>) {
        let length = self.null.len() - NULL.len();
        if let Some(wide) = &self.wide {
            let end = out.len() + length;
            out.extend_from_slice(wide);
            out.truncate(end);
        } else {
            out.extend_from_slice(&self.null[..length]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_any_length_stands_in_front_of_its_value() {
        for length in 0..40 {
            let name = "n".repeat(length);
            let label = Label::new(1, &name);
            let mut out = b"1".to_vec();
            label.before_value(&mut out);
            out.push(b'2');
            label.null(&mut out);
            let expected = format!("1,\"{name}\":2,\"{name}\":null");
            assert_eq!(String::from_utf8_lossy(&out), expected);
        }
    }
}
