//! What the server makes of time zones.

use chrono::{DateTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error};

/// Days that are looked at, from now on: every change of the clocks in a year is among them, and nearly
/// every change of the rules for them that is known by now.
const DAYS: i64 = 2 * 365;
/// Seconds.
const DAY: i64 = 24 * 60 * 60;

/// How far each of the moments is from UTC in a zone, in seconds.
const OFFSETS: &str = "
SELECT extract(epoch FROM pg_catalog.to_timestamp(at) AT TIME ZONE $2)::int8 - at
FROM pg_catalog.unnest($1::int8[]) WITH ORDINALITY AS moment (at, place) ORDER BY place";

/// The zone of the server as this role has it, and how it compares with that of the profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zones {
    /// In which `now()` is stored where there is no zone.
    pub server: String,
    /// Whether that is what the profile's zone is, all the time.
    pub is_the_same: bool,
    /// The first day on which the server takes the profile's zone for another offset than this program.
    pub disagree_on: Option<DateTime<Utc>>,
}

/// Compares the zones of the server and of the profile, `zone`, on the days from `now` on.
///
/// # Errors
/// What PostgreSQL or the connection says.
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
