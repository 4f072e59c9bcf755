//! What can be wrong with the bytes of a binary COPY.

/// Bytes that are not a binary COPY of the columns that were selected.
///
/// A PostgreSQL server that was asked for these columns never sends such bytes; they mean that the
/// stream was cut off or mixed up, or that it belongs to a different version of the table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The stream does not start with the signature of the binary format.
    #[error("the stream is not a binary COPY: it does not start with its signature")]
    Signature,

    /// The header sets critical flags, which stand for a different layout of the tuples.
    #[error("the binary COPY has an unknown layout: its header's flags are {flags:#010x}")]
    Flags { flags: u32 },

    /// A negative length other than the -1 of a NULL.
    #[error("the binary COPY is damaged: a length of {length}")]
    Length { length: i32 },

    /// A tuple whose number of fields differs from the number of columns that were selected.
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

    /// A field whose bytes are not a value of its column's type.
    #[error("column {column:?} of type {type_name}: {problem}")]
    Value {
        column: String,
        type_name: String,
        #[source]
        problem: ValueError,
    },

    /// A timestamp was requested from a column that cannot hold one.
    #[error("column {column:?} of type {type_name} holds no timestamp")]
    NotATimestamp { column: String, type_name: String },
}

/// Why the bytes of a field are not a value of its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// The type has a fixed or minimum size, which this field does not have.
    #[error("{found} bytes cannot be one of its values")]
    Size { found: usize },

    /// The size is right, but the content is not.
    #[error("the bytes hold no {what}")]
    Content { what: &'static str },
}
