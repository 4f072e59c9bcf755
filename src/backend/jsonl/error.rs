//! What can be wrong with the bytes of a binary COPY.

/// Bytes that are not the binary COPY of the columns that were selected.
///
/// None of them can come from a PostgreSQL server that was asked for these columns; they mean that
/// the stream was cut, mixed up, or belongs to another version of the table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The stream does not start with the signature of the binary format.
    #[error("the stream is not a binary COPY: it does not start with its signature")]
    Signature,

    /// The header sets critical flags that mean another layout of the tuples.
    #[error("the binary COPY has an unknown layout: its header's flags are {flags:#010x}")]
    Flags { flags: u32 },

    /// A length that is negative, and not the -1 of a NULL.
    #[error("the binary COPY is damaged: a length of {length}")]
    Length { length: i32 },

    /// A tuple with another number of fields than columns were selected.
    #[error("a tuple of {found} fields arrived where {expected} columns were selected")]
    FieldCount { expected: usize, found: i16 },

    /// A tuple that ends before its last field does.
    #[error("a tuple is cut off in its field {}", .field + 1)]
    Truncated { field: usize },

    /// Bytes after a tuple's last field, or after the trailer of the stream.
    #[error("{bytes} bytes too many after the last field or tuple")]
    Surplus { bytes: usize },

    /// The stream ended without its trailer: rows may be missing.
    #[error("the binary COPY ended without its trailer, so rows may be missing")]
    NoTrailer,

    /// A field whose bytes are no value of its column's type.
    #[error("column {column:?} of type {type_name}: {problem}")]
    Value {
        column: String,
        type_name: String,
        #[source]
        problem: ValueError,
    },

    /// A column was asked for a timestamp that it cannot hold.
    #[error("column {column:?} of type {type_name} holds no timestamp")]
    NotATimestamp { column: String, type_name: String },
}

/// Why the bytes of a field are no value of its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// The type has a fixed size, or a least size, and this is not it.
    #[error("{found} bytes cannot be one of its values")]
    Size { found: usize },

    /// The size is right, the content is not.
    #[error("the bytes hold no {what}")]
    Content { what: &'static str },
}
