//! Rows of random values, the same in every run, sent in binary: the server accepts exactly what it
//! could have stored.

use std::error::Error;
use std::pin::pin;

use bytes::BytesMut;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use tokio_postgres::Client;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

/// The table that [`fill`] fills.
pub const TABLE: &str = "
CREATE TYPE shade AS ENUM ('light', 'dark', 'very \"dark\"');
CREATE TABLE generated (
    c_bool bool, c_int2 int2, c_int4 int4, c_int8 int8, c_oid oid, c_float4 float4, c_float8 float8,
    c_numeric numeric, c_text text, c_varchar varchar, c_name name, c_uuid uuid, c_date date,
    c_time time, c_timetz timetz, c_timestamp timestamp, c_timestamptz timestamptz, c_bytea bytea,
    c_json json, c_jsonb jsonb, c_enum shade)";

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// A value in the binary form of the type it is sent as; `None` for NULL.
#[derive(Debug, Clone)]
struct Raw(Option<Vec<u8>>);

impl ToSql for Raw {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let Some(bytes) = &self.0 else {
            return Ok(IsNull::Yes);
        };
        out.extend_from_slice(bytes);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// Sends `rows` rows to the table `generated`.
pub async fn fill(client: &Client, rows: usize) {
    send(client, "generated", &random(rows)).await;
}

fn random(rows: usize) -> Vec<Vec<Raw>> {
    let columns = columns();
    let mut runner = TestRunner::deterministic();
    (0..rows)
        .map(|_| {
            columns
                .iter()
                .map(|column| draw(column, &mut runner))
                .collect()
        })
        .collect()
}

/// Sends floats to the table `floats`, and returns the number of rows: random floats, round
/// decimals, including those half-way between two floats, and every power of two with its
/// neighbours.
pub async fn fill_floats(client: &Client, random: usize) -> usize {
    let mut runner = TestRunner::deterministic();
    let round =
        (1_u32..100_000, -30_i32..40).prop_map(|(digits, power)| format!("{digits}e{power}"));
    let mut pairs: Vec<(f32, f64)> = Vec::new();
    for _ in 0..random {
        let (four, eight) = (any::<u32>(), any::<u64>());
        pairs.push((
            f32::from_bits(draw_one(&four, &mut runner)),
            f64::from_bits(draw_one(&eight, &mut runner)),
        ));
        let text = draw_one(&round, &mut runner);
        let (four, eight) = (
            text.parse().expect("a float"),
            text.parse().expect("a float"),
        );
        pairs.push((four, eight));
    }
    for exponent in 0_u64..2047 {
        let four = ((exponent % 255) as u32) << 23;
        let eight = exponent << 52;
        pairs.push((f32::from_bits(four), f64::from_bits(eight)));
        pairs.push((f32::from_bits(four + 1), f64::from_bits(eight + 1)));
        pairs.push((
            f32::from_bits(four.saturating_sub(1)),
            f64::from_bits(eight.saturating_sub(1)),
        ));
    }
    let rows: Vec<Vec<Raw>> = pairs
        .iter()
        .map(|(four, eight)| vec![raw(four.to_be_bytes()), raw(eight.to_be_bytes())])
        .collect();
    send(client, "floats", &rows).await;
    rows.len()
}

async fn send(client: &Client, table: &str, rows: &[Vec<Raw>]) {
    let copy = format!("COPY {table} FROM STDIN (FORMAT binary)");
    let sink = client.copy_in(&copy).await.expect(&copy);
    // The writer asks each value whether it accepts the type, and Raw accepts all types.
    let types = vec![Type::BYTEA; rows[0].len()];
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &types));
    for row in rows {
        let values: Vec<&(dyn ToSql + Sync)> = row.iter().map(|value| value as _).collect();
        writer.as_mut().write(&values).await.expect("a row is sent");
    }
    if let Err(error) = writer.finish().await {
        panic!("{copy}: {error:?}");
    }
}

fn draw_one<T: std::fmt::Debug>(strategy: &impl Strategy<Value = T>, runner: &mut TestRunner) -> T {
    strategy.new_tree(runner).expect("a value").current()
}

fn draw(column: &BoxedStrategy<Raw>, runner: &mut TestRunner) -> Raw {
    draw_one(column, runner)
}

fn raw(bytes: impl AsRef<[u8]>) -> Raw {
    Raw(Some(bytes.as_ref().to_vec()))
}

/// A strategy for each column of [`TABLE`]; one value in ten is NULL.
fn columns() -> Vec<BoxedStrategy<Raw>> {
    let columns = vec![
        any::<bool>()
            .prop_map(|value| raw([u8::from(value)]))
            .boxed(),
        any::<i16>()
            .prop_map(|value| raw(value.to_be_bytes()))
            .boxed(),
        any::<i32>()
            .prop_map(|value| raw(value.to_be_bytes()))
            .boxed(),
        (any::<i64>(), 0..64)
            .prop_map(|(value, shift): (i64, i32)| raw((value >> shift).to_be_bytes()))
            .boxed(),
        any::<u32>()
            .prop_map(|value| raw(value.to_be_bytes()))
            .boxed(),
        any::<u32>()
            .prop_map(|value| raw(value.to_be_bytes()))
            .boxed(),
        prop_oneof![any::<u64>(), (-1e6..1e6).prop_map(f64::to_bits)]
            .prop_map(|value| raw(value.to_be_bytes()))
            .boxed(),
        numeric().boxed(),
        text(60).prop_map(raw).boxed(),
        text(10).prop_map(raw).boxed(),
        text(15).prop_map(raw).boxed(),
        any::<[u8; 16]>().prop_map(raw).boxed(),
        date().prop_map(|days| raw(days.to_be_bytes())).boxed(),
        (0..=MICROS_PER_DAY)
            .prop_map(|micros| raw(micros.to_be_bytes()))
            .boxed(),
        (0..=MICROS_PER_DAY, -57_599..57_600)
            .prop_map(|(micros, zone): (i64, i32)| {
                raw([&micros.to_be_bytes()[..], &zone.to_be_bytes()].concat())
            })
            .boxed(),
        timestamp()
            .prop_map(|micros| raw(micros.to_be_bytes()))
            .boxed(),
        timestamp()
            .prop_map(|micros| raw(micros.to_be_bytes()))
            .boxed(),
        vec(any::<u8>(), 0..50).prop_map(raw).boxed(),
        document().prop_map(raw).boxed(),
        document()
            .prop_map(|text| raw(format!("\u{1}{text}")))
            .boxed(),
        prop::sample::select(&["light", "dark", "very \"dark\""][..])
            .prop_map(raw)
            .boxed(),
    ];
    columns
        .into_iter()
        .map(|column| prop_oneof![9 => column, 1 => Just(Raw(None))].boxed())
        .collect()
}

fn text(longest: usize) -> impl Strategy<Value = String> {
    let character = prop_oneof![
        4 => prop::char::range(' ', '~'),
        1 => prop::char::range('\u{1}', '\u{1f}'),
        1 => prop::sample::select(&['"', '\\', '\n'][..]),
        1 => any::<char>().prop_filter("PostgreSQL stores no NUL", |&c| c != '\0'),
    ];
    vec(character, 0..=longest).prop_map(String::from_iter)
}

fn date() -> impl Strategy<Value = i32> {
    prop_oneof![
        4 => -30_000..30_000,
        1 => -2_451_545..2_145_031_949,
        1 => prop::sample::select(&[i32::MIN, i32::MAX, -730_119, -730_120][..]),
    ]
}

fn timestamp() -> impl Strategy<Value = i64> {
    let seconds = (-4_000_000_000_i64..4_000_000_000).prop_map(|seconds| seconds * 1_000_000);
    prop_oneof![
        2 => seconds.clone(),
        2 => (seconds.clone(), 0_i64..1000).prop_map(|(micros, millis)| micros + millis * 1000),
        2 => (seconds, 0_i64..1_000_000).prop_map(|(micros, rest)| micros + rest),
        2 => -211_813_488_000_000_000..9_223_371_331_200_000_000_i64,
        1 => prop::sample::select(&[i64::MIN, i64::MAX][..]),
    ]
}

/// The binary form of a numeric: number of digits, weight, sign, scale, digits.
fn numeric() -> impl Strategy<Value = Raw> {
    let number = (
        vec(0_u16..10_000, 0..15),
        -10_i16..12,
        any::<bool>(),
        0_u16..60,
    );
    let special = prop::sample::select(&[0xc000_u16, 0xd000, 0xf000][..]);
    prop_oneof![
        9 => number.prop_map(|(digits, weight, negative, scale)| {
            let sign = if negative { 0x4000 } else { 0 };
            numeric_bytes(&digits, weight, sign, scale)
        }),
        1 => special.prop_map(|sign| numeric_bytes(&[], 0, sign, 0)),
    ]
}

fn numeric_bytes(digits: &[u16], weight: i16, sign: u16, scale: u16) -> Raw {
    let count = u16::try_from(digits.len()).expect("few digits");
    let header = [count, weight.cast_unsigned(), sign, scale];
    let words: Vec<u8> = header
        .iter()
        .chain(digits)
        .flat_map(|word| word.to_be_bytes())
        .collect();
    raw(words)
}

/// JSON with all kinds of white space between its tokens.
fn document() -> impl Strategy<Value = String> {
    let space = prop::sample::select(&["", " ", "\n", "\r\n", "\t ", "\n    "][..]);
    let string = text(8)
        .prop_map(|value| serde_json::Value::from(value).to_string())
        .boxed();
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|value| value.to_string()),
        (-1e9..1e9).prop_map(|value: f64| value.to_string()),
        string.clone(),
    ];
    let value = leaf.prop_recursive(3, 12, 4, move |inner| {
        let member = (string.clone(), space.clone(), inner.clone())
            .prop_map(|(name, space, value)| format!("{name}{space}:{space}{value}"));
        let list = (vec(inner, 0..4), space.clone()).prop_map(|(values, space)| {
            format!("[{space}{}{space}]", values.join(&format!(",{space}")))
        });
        let object = (vec(member, 0..4), space.clone()).prop_map(|(values, space)| {
            format!("{{{space}{}{space}}}", values.join(&format!("{space},")))
        });
        prop_oneof![list, object]
    });
    (prop::sample::select(&["", "\n", " \r"][..]), value)
        .prop_map(|(space, value)| format!("{space}{value}{space}"))
}
