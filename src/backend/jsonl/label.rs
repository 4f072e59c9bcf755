//! What stands in front of a value in a JSON object.

use super::value;

/// The JSON of an SQL NULL.
const NULL: &[u8] = b"null";

/// The name of one member of an object, printed once for all objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Label {
    /// `{"a":null` for the first member, `,"b":null` for the others. Without its last word it stands
    /// in front of a value.
    null: Box<[u8]>,
}

impl Label {
    pub(super) fn new(position: usize, name: &str) -> Self {
        let mut null = vec![if position == 0 { b'{' } else { b',' }];
        value::text(name.as_bytes(), &mut null);
        null.push(b':');
        null.extend_from_slice(NULL);
        Self {
            null: null.into_boxed_slice(),
        }
    }

    /// Appends the member as NULL.
    #[inline]
    pub(super) fn null(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.null);
    }

    /// Appends what stands in front of the member's value.
    #[inline]
    pub(super) fn before_value(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.null[..self.null.len() - NULL.len()]);
    }
}
