//! What the server knows about time zones.

use chrono::{DateTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error};

/// How many days from now on are compared: they include every change of the clocks in a year, and
/// nearly every change of the rules that is known by now.
const DAYS: i64 = 2 * 365;
/// Seconds of a day.
const DAY: i64 = 24 * 60 * 60;

/// Selects the offset from UTC of each of the moments in a zone, in seconds.
const OFFSETS: &str = "
SELECT extract(epoch FROM pg_catalog.to_timestamp(at) AT TIME ZONE $2)::int8 - at
FROM pg_catalog.unnest($1::int8[]) WITH ORDINALITY AS moment (at, place) ORDER BY place";

/// The server's zone, as set for this role, and how it compares with the profile's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zones {
    /// The zone in which `now()` is stored in a column without zone.
    pub server: String,
    /// Whether its offset equals that of the profile's zone on every day compared.
    pub is_the_same: bool,
    /// The first day on which the server's offset for the profile's zone differs from this program's.
    pub disagree_on: Option<DateTime<Utc>>,
}

/// Compares the zones of the server and of the profile, `zone`, over the days from `now` on.
///
/// # Errors
/// The error of PostgreSQL or of the connection.
pub async fn zones(client: &Client, zone: Tz, now: DateTime<Utc>) -> Result<Zones, Error> {
    const SERVER: &str = "SELECT reset_val FROM pg_catalog.pg_settings WHERE name = 'TimeZone'";
    let moments: Vec<i64> = (0..DAYS).map(|day| now.timestamp() + day * DAY).collect();
    let server: String = client.query_typed_one(SERVER, &[]).await?.try_get(0)?;
    let of_server = offsets(client, &server, &moments).await?;
    let of_profile = offsets(client, zone.name(), &moments).await?;
    let disagree_on = moments
        .iter()
        .filter_map(|at| DateTime::from_timestamp(*at, 0))
        .zip(&of_profile)
        .find(|(at, theirs)| offset(zone, *at) != **theirs);
    Ok(Zones {
        server,
        is_the_same: of_server == of_profile,
        disagree_on: disagree_on.map(|(at, _)| at),
    })
}

async fn offsets(client: &Client, zone: &str, moments: &[i64]) -> Result<Vec<i64>, Error> {
    let asked: [(&(dyn ToSql + Sync), Type); 2] =
        [(&moments, Type::INT8_ARRAY), (&zone, Type::TEXT)];
    let rows = client.query_typed(OFFSETS, &asked).await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}

fn offset(zone: Tz, at: DateTime<Utc>) -> i64 {
    let offset = zone.offset_from_utc_datetime(&at.naive_utc());
    i64::from(offset.fix().local_minus_utc())
}
