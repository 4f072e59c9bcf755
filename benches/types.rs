//! The encoder, type by type: eight columns of one type, against their floor and their oracle.
//!
//! ```text
//! HIGHWATER_BENCH_POSTGRES=postgres://user@127.0.0.1:5432/postgres cargo bench --bench types
//! ```
//!
//! The oracle is the server printing `row_to_json`. `HIGHWATER_BENCH_TYPE_ROWS` (200,000) and
//! `HIGHWATER_BENCH_ROUNDS` (5) change the size.

mod encode;
mod floor;
mod setting;
mod shape;

use setting::{Result, variable};
use shape::{Shape, shape};

/// Columns per row, all of the type.
const COLUMNS: usize = 8;
/// The types by name, each with a value made from the number n of the row and the number of the
/// column.
const TYPES: &[(&str, &str)] = &[
    ("bool", "(n + {c}) % 2 = 0"),
    ("smallint", "((n + {c}) % 30000)::smallint"),
    ("integer", "(n * 7 + {c})::int"),
    ("bigint", "n * 7919000::bigint + {c}"),
    ("real", "(n / 7.0 + {c})::real"),
    ("double precision", "n / 7.0::float8 + {c}"),
    ("numeric(10,2)", "((n + {c}) % 1000000) / 100.0"),
    ("text", "'Payment no. ' || n + {c}"),
    ("text with quotes", r#"'the "spring" order \ ' || n + {c}"#),
    ("text beyond ASCII", "'Zürich, São Paulo ' || n + {c}"),
    ("bytea", "decode(md5((n + {c})::text), 'hex')"),
    ("uuid", "md5((n + {c})::text)::uuid"),
    ("date", "date '2024-01-01' + ((n + {c}) % 1000)::int"),
    ("time", "time '00:00' + (n + {c}) * interval '13 ms'"),
    (
        "timestamp",
        "timestamp '2024-05-16' + (n + {c}) * interval '7 ms'",
    ),
    (
        "timestamptz",
        "timestamptz '2024-05-16Z' + (n + {c}) * interval '7 ms'",
    ),
    ("interval", "(n + {c}) * interval '1 day 3 s'"),
    ("inet", "('10.0.' || (n + {c}) % 256 || '.7/24')::inet"),
    (
        "jsonb",
        r#"('{"qty": ' || n + {c} || ', "tags": ["new"]}')::jsonb"#,
    ),
    (
        "json",
        r#"('{"qty": ' || n + {c} || ', "tags": ["new"]}')::json"#,
    ),
    (
        "enum",
        "(ARRAY['draft', 'open'])[1 + (n + {c}) % 2]::highwater_bench_type",
    ),
    ("integer[]", "ARRAY[n, n + {c}, NULL]::int[]"),
    ("text[]", "ARRAY['a', md5(n::text), NULL]"),
    ("int4range", "int4range(n::int, n::int + 1 + {c})"),
    (
        "tstzrange",
        "tstzrange('2024-05-16Z', timestamptz '2024-05-16Z' + (n + {c}) * interval '1 s')",
    ),
    (
        "bit varying, by the server",
        "((n + {c}) % 1000)::int::bit(10)::varbit",
    ),
    ("point, by the server", "point(n, {c})"),
    (
        "tsvector, by the server",
        "to_tsvector('simple', 'a b ' || n + {c})",
    ),
];

fn types(rows: u64) -> Vec<Shape> {
    let of = |(name, value): &(&'static str, &str)| {
        let columns = (0..COLUMNS).map(|column| {
            let value = value.replace("{c}", &column.to_string());
            format!("{value} AS c{column}")
        });
        let row = columns.collect::<Vec<_>>().join(", ");
        Shape {
            before: "CREATE TYPE highwater_bench_type AS ENUM ('draft', 'open')",
            ..shape(name, rows, &row)
        }
    };
    TYPES.iter().map(of).collect()
}

fn main() -> Result<()> {
    shape::measure_all(types(variable("HIGHWATER_BENCH_TYPE_ROWS", 200_000)?))
}
