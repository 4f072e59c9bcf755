//! The encoder on rows that are wide or awkward, each shape against its own floor.
//!
//! ```text
//! HIGHWATER_BENCH_POSTGRES=postgres://user@127.0.0.1:5432/postgres cargo bench --bench shapes
//! ```
//!
//! The floor is `SELECT *` of the same rows as binary COPY, thrown away. A type without an encoder of its own is
//! sent as the text of `to_json`; what the server spends on that counts against the encoder. For comparison, the
//! server itself prints `row_to_json`. `HIGHWATER_BENCH_ROUNDS` (5) is how often each is measured, in turn.

mod encode;
mod floor;
mod setting;
mod shape;

use setting::Result;
use shape::{Shape, shape};

fn wide() -> String {
    let column = |i: usize| match i % 4 {
        0 => format!("n + {i} AS c{i}"),
        1 => format!("md5(n::text) AS c{i}"),
        2 => format!("(n % 1000000) / 100.0 AS c{i}"),
        _ => format!("timestamp '2024-05-16' + n * interval '1 ms' AS c{i}"),
    };
    (0..200).map(column).collect::<Vec<_>>().join(", ")
}

fn nested(depth: usize) -> String {
    format!(
        r#"(repeat('{{"level": [1, "two", ', {depth}) || n || repeat(']}}', {depth}))::jsonb AS a"#
    )
}

fn shapes() -> Vec<Shape> {
    let nulls: Vec<String> = (0..14).map(|i| format!("NULL::int AS c{i}")).collect();
    vec![
        shape("200 columns", 20_000, &wide()),
        shape(
            "texts of 1 MB",
            100,
            r#"repeat(md5(n::text) || ' "quoted" ', 25000) AS a"#,
        ),
        shape(
            "bytea of 1 MB",
            100,
            "decode(repeat(md5(n::text), 65536), 'hex') AS a",
        ),
        shape("jsonb, 50 levels deep", 30_000, &nested(50)),
        shape(
            "numerics of 1,000 digits",
            50_000,
            "(repeat((1 + n % 9)::text, 990) || '.5')::numeric AS a",
        ),
        shape("nothing but NULL", 1_000_000, &nulls.join(", ")),
        shape(
            "arrays of int",
            200_000,
            "ARRAY[n, n + 1, NULL, n + 3, n + 4, n + 5, n + 6, n + 7] AS a",
        ),
        shape(
            "arrays of text",
            200_000,
            r#"ARRAY['spring', 'a "b"', md5(n::text), NULL, 'e'] AS a"#,
        ),
        shape(
            "intervals",
            500_000,
            "n * interval '1 day 3 s' AS a, n * interval '1.5 s' AS b",
        ),
        shape(
            "inet",
            500_000,
            "('10.0.' || n % 256 || '.7/24')::inet AS a, '2001:db8::1'::inet AS b",
        ),
        shape(
            "ranges",
            200_000,
            "int4range(n::int, n::int + 5) AS a, tstzrange('2024-05-16', '2024-05-16'::timestamptz + n * interval '1 s') AS b",
        ),
        Shape {
            before: "CREATE TYPE highwater_bench_type AS (street text, number int, since date)",
            ..shape(
                "composites",
                200_000,
                "ROW('High Street ' || n, n, '2024-05-16')::highwater_bench_type AS a",
            )
        },
    ]
}

fn main() -> Result<()> {
    shape::measure_all(shapes())
}
