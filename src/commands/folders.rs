//! Where this program keeps what it knows between two runs.

use std::path::PathBuf;

use etcetera::BaseStrategy;

use super::error::CommandError;

/// The state folder: `$XDG_STATE_HOME/highwater`, usually `~/.local/state/highwater`.
///
/// # Errors
/// [`CommandError::Usage`] where there is no home folder to find it from.
pub fn state() -> Result<PathBuf, CommandError> {
    let strategy = etcetera::choose_base_strategy().map_err(|_| {
        CommandError::usage("there is no home folder", "set HOME, or XDG_STATE_HOME")
    })?;
    let base = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
    Ok(base.join("highwater"))
}
