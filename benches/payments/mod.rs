//! The table that the benches read: rows with fourteen columns of mixed types, about 400 bytes of JSON each.

use tokio_postgres::Client;

use crate::setting::{Result, session};

pub const TABLE: &str = "highwater_bench_payment";

const CREATE: &str = "
DROP TABLE IF EXISTS highwater_bench_payment;
DROP TYPE IF EXISTS highwater_bench_status;
CREATE TYPE highwater_bench_status AS ENUM ('draft', 'open', 'paid', 'cancelled');
CREATE UNLOGGED TABLE highwater_bench_payment (
    payment_id int, account bigint, amount numeric(10,2), description text, city varchar(40),
    settled bool, created_at timestamp(3), last_updated timestamp(3), booked_at timestamptz,
    reference uuid, due date, rate float8, details jsonb, status highwater_bench_status
)";

const FILL: &str = r#"
INSERT INTO highwater_bench_payment
SELECT n, n * 7919::bigint, (n % 1000000) / 100.0,
       'Payment no. ' || n || E' for the "spring" order\n' || md5(n::text),
       (ARRAY['Zürich', 'Leeds', 'São Paulo', 'Manchester'])[1 + n % 4],
       n % 3 = 0, timestamp '2023-01-01' + n * interval '7 ms',
       timestamp '2024-05-16' + n * interval '6 ms', timestamptz '2024-06-01Z' + n * interval '7 ms',
       md5(n::text)::uuid, date '2024-01-01' + (n % 1000)::int, n / 7.0::float8,
       jsonb_build_object('sku', 'A-' || n, 'qty', n % 10, 'tags', '["new"]'::jsonb),
       (ARRAY['draft', 'open', 'paid', 'cancelled'])[1 + n % 4]::highwater_bench_status
FROM generate_series(1, $1::bigint) AS series(n)"#;

/// Opens a session and makes sure the table exists: it is created, unless an earlier run has left one of this size.
pub async fn connect(url: &str, rows: u64) -> Result<Client> {
    let client = session(url).await?;
    let count = format!("SELECT count(*) FROM {TABLE}");
    let there = client.query_one(&count, &[]).await;
    let rows = i64::try_from(rows)?;
    if !there.is_ok_and(|row| row.get::<_, i64>(0) == rows) {
        client.batch_execute(CREATE).await?;
        client.execute(FILL, &[&rows]).await?;
        client
            .batch_execute(&format!("VACUUM ANALYZE {TABLE}"))
            .await?;
    }
    Ok(client)
}

/// The most memory that a process has had resident at once, in KB, as Linux reports it; `None` if the process is
/// gone.
pub fn peak_memory(process: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
