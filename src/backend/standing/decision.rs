//! The outcome of a judgement, and how it is worded.

use super::recovery::Recovery;
use super::seen::Numbered;
use crate::backend::finding::{Finding, FindingCode};
use crate::backend::objects::Metadata;
use crate::backend::provenance::Provenance;
use crate::vocabulary::{SequenceId, Watermark};

/// A fact that the decision still needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    TimestampAuthor,
    SequenceAuthor,
    /// The newest object of all.
    Newest,
    /// The object with this number, for which a run has written the timestamp, and the objects that follow
    /// it.
    Above(SequenceId),
}

/// What follows from what has been seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Decision {
    /// Continue from this watermark, numbering after this sequence id.
    GoOn {
        watermark: Option<Watermark>,
        after: Option<SequenceId>,
    },
    /// Make these writes, then look again.
    Recover(Box<Recovery>),
    /// It depends on something that has not been looked at.
    Ask(Question),
    /// Only the operator can tell how to continue.
    Stop(Finding),
}

impl Decision {
    pub(super) fn recover(recovery: Recovery) -> Self {
        Self::Recover(Box::new(recovery))
    }
}

/// The message about an object that was removed after use, and whose run did not finish.
pub(super) fn gone(run: &Provenance) -> String {
    match run {
        Provenance::Run { run, sequence_id } => format!(
            "run {run} committed object {sequence_id}, which has been removed since, and the two values do not say so"
        ),
        other => other.description(),
    }
}

/// The message about an object whose run did not finish.
pub(super) fn crashed(object: &Numbered, metadata: &Metadata) -> String {
    format!(
        "object {} exists ({}), committed by run {}, and the stored values do not say so",
        object.sequence_id, object.head.key, metadata.run
    )
}

pub(super) fn stop(code: FindingCode, message: String) -> Decision {
    Decision::Stop(Finding::new(code, message))
}
