//! Encoding one tuple as one line.

use super::column::Column;
use super::error::{DecodeError, ValueError};
use super::label::Label;
use super::row::Fields;
use super::value;

/// Encodes tuples of one list of columns, each as the text of `row_to_json`.
#[derive(Debug, Clone)]
pub struct LineEncoder {
    columns: Vec<Column>,
    /// One for each column.
    labels: Vec<Label>,
}

impl LineEncoder {
    /// An encoder of tuples that were selected with [`Column::select_expression`] of `columns`, in
    /// this order.
    #[must_use]
    pub fn new(columns: Vec<Column>) -> Self {
        let labels = columns.iter().enumerate();
        let labels = labels.map(|(position, column)| Label::new(position, &column.name));
        Self {
            labels: labels.collect(),
            columns,
        }
    }

    /// The columns, in the order of the fields.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Appends the line of `tuple`, without a line break, to `out`. If this fails, `out` is left as
    /// it was.
    ///
    /// # Errors
    /// The tuple does not have these columns, or a field's bytes are not a value of its type.
    pub fn encode_row(&self, tuple: &[u8], out: &mut Vec<u8>) -> Result<(), DecodeError> {
        let start = out.len();
        let encoded = self.append(tuple, out);
        if encoded.is_err() {
            out.truncate(start);
        }
        encoded
    }

    fn append(&self, tuple: &[u8], out: &mut Vec<u8>) -> Result<(), DecodeError> {
        let mut fields = Fields::open(tuple, self.columns.len())?;
        if self.columns.is_empty() {
            out.push(b'{');
        }
        for (column, label) in self.columns.iter().zip(&self.labels) {
            let Some(bytes) = fields.next_field()? else {
                label.null(out);
                continue;
            };
            label.before_value(out);
            value::encode(&column.encoding, bytes, out)
                .map_err(|problem| wrong_value(column, problem))?;
        }
        out.push(b'}');
        fields.finish()
    }
}

#[cold]
fn wrong_value(column: &Column, problem: ValueError) -> DecodeError {
    DecodeError::Value {
        column: column.name.clone(),
        type_name: column.type_name.clone(),
        problem,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio_postgres::types::Type;

    use super::super::{CatalogField, CatalogType, Parts, Row};
    use super::*;

    fn column(name: &str, base: &Type) -> Column {
        Column::new(name, base.name(), &CatalogType::built_in(base.oid()))
    }

    fn tuple(fields: &[Option<&[u8]>]) -> Vec<u8> {
        let mut bytes = i16::try_from(fields.len())
            .expect("few")
            .to_be_bytes()
            .to_vec();
        for field in fields {
            let length = field.map_or(Ok(-1), |field| i32::try_from(field.len()));
            bytes.extend(length.expect("small").to_be_bytes());
            bytes.extend(field.iter().copied().flatten());
        }
        bytes
    }

    fn encoded(encoder: &LineEncoder, tuple: &[u8]) -> Result<String, DecodeError> {
        let mut out = Vec::new();
        encoder.encode_row(tuple, &mut out)?;
        Ok(String::from_utf8(out).expect("JSON text"))
    }

    #[test]
    fn names_are_escaped_and_null_is_null() {
        let columns = vec![column("a \"b\"", &Type::INT4), column("c", &Type::TEXT)];
        let encoder = LineEncoder::new(columns);
        assert_eq!(
            encoded(&encoder, &tuple(&[Some(&[0, 0, 1, 0]), None])).as_deref(),
            Ok("{\"a \\\"b\\\"\":256,\"c\":null}")
        );
        let none = LineEncoder::new(Vec::new());
        assert_eq!(encoded(&none, &[0, 0]).as_deref(), Ok("{}"));
    }

    #[test]
    fn a_wrong_value_names_its_column_and_leaves_nothing_behind() {
        let encoder = LineEncoder::new(vec![column("n", &Type::INT4), column("f", &Type::BOOL)]);
        let mut out = b"before".to_vec();
        let error = encoder
            .encode_row(&tuple(&[Some(&[0, 0, 0, 1]), Some(&[1, 1])]), &mut out)
            .expect_err("two bytes are no bool");
        assert_eq!(
            error.to_string(),
            "column \"f\" of type bool: 2 bytes cannot be one of its values"
        );
        assert_eq!(out, b"before");
    }

    #[test]
    fn a_row_gives_its_fields_by_position_and_its_timestamps_as_microseconds() {
        let columns = [
            column("id", &Type::INT4),
            column("at", &Type::TIMESTAMPTZ),
            column("gone", &Type::TIMESTAMP),
        ];
        let bytes = tuple(&[Some(&[0, 0, 0, 1]), Some(&(-5_i64).to_be_bytes()), None]);
        let row = Row::parse(&columns, &bytes).expect("three fields");
        assert_eq!(row.field(0), Some([0, 0, 0, 1].as_slice()));
        assert_eq!((row.field(2), row.field(3)), (None, None));
        assert_eq!(row.timestamp(1), Ok(Some(-5)));
        assert_eq!(row.timestamp(2), Ok(None));
        assert!(matches!(
            row.timestamp(0),
            Err(DecodeError::NotATimestamp { .. })
        ));
        let cut = &bytes[..bytes.len() - 1];
        assert_eq!(
            Row::parse(&columns, cut).err(),
            Some(DecodeError::Truncated { field: 2 })
        );
    }

    const TYPES: [Type; 25] = [
        Type::BOOL,
        Type::INT2,
        Type::INT4,
        Type::INT8,
        Type::OID,
        Type::FLOAT4,
        Type::FLOAT8,
        Type::NUMERIC,
        Type::TEXT,
        Type::NAME,
        Type::UUID,
        Type::DATE,
        Type::TIME,
        Type::TIMETZ,
        Type::TIMESTAMP,
        Type::TIMESTAMPTZ,
        Type::BYTEA,
        Type::JSON,
        Type::JSONB,
        Type::INTERVAL,
        Type::INET,
        Type::INT4_ARRAY,
        Type::TEXT_ARRAY,
        Type::NUM_RANGE,
        Type::TSTZ_RANGE,
    ];

    fn composite() -> Column {
        let fields = ["a", "b"].map(|name| CatalogField {
            name: name.to_owned(),
            of: CatalogType::built_in(Type::INT2.oid()),
        });
        let catalog = CatalogType {
            parts: Parts::Fields(fields.into()),
            ..CatalogType::built_in(70_000)
        };
        Column::new("value", "pair", &catalog)
    }

    proptest! {
        #[test]
        fn no_field_of_any_type_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            for column in TYPES.iter().map(|base| column("value", base)).chain([composite()]) {
                let encoder = LineEncoder::new(vec![column]);
                let sizes = [1, 2, 4, 8, 12, 16, bytes.len()];
                for size in sizes.iter().filter(|&&size| size <= bytes.len()) {
                    let _ = encoded_bytes(&encoder, &tuple(&[Some(&bytes[..*size])]));
                }
                let _ = encoded_bytes(&encoder, &bytes);
                let _ = Row::parse(encoder.columns(), &bytes);
            }
        }
    }

    fn encoded_bytes(encoder: &LineEncoder, tuple: &[u8]) -> Result<Vec<u8>, DecodeError> {
        let mut out = Vec::new();
        encoder.encode_row(tuple, &mut out).map(|()| out)
    }
}
