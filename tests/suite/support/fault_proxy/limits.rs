//! Limits of SSM that the emulators do not enforce: a request beyond one of them is refused, as AWS
//! does.

use hyper::StatusCode;
use serde_json::Value;

use super::answers::error;
use super::operation::Operation;
use super::wire::Answer;

/// The most names in one `GetParameters` (Systems Manager API reference).
const NAMES: usize = 10;
/// The largest value of a standard parameter, in bytes (user guide, "Managing parameter tiers").
const VALUE: usize = 4096;
/// The longest Description, in characters (API reference, `PutParameter`).
const DESCRIPTION: usize = 1024;

/// The refusal of a request that exceeds a limit.
pub fn beyond(operation: Operation, body: &[u8]) -> Option<Answer> {
    if !operation.is_of_ssm() {
        return None;
    }
    let request: Value = serde_json::from_slice(body).ok()?;
    let names = request["Names"].as_array().map_or(0, Vec::len);
    let text = |field: &str| request[field].as_str().unwrap_or_default();
    let message = if names > NAMES {
        format!("{names} names, at most {NAMES}")
    } else if text("Value").len() > VALUE {
        format!("a value of {} bytes, at most {VALUE}", text("Value").len())
    } else if text("Description").chars().count() > DESCRIPTION {
        format!("a Description of more than {DESCRIPTION} characters")
    } else {
        return None;
    };
    let status = StatusCode::BAD_REQUEST;
    Some(error(operation, status, "ValidationException", &message))
}
