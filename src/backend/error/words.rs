//! How the messages of errors word their parts.

use super::Unselected;
use crate::figures::named;
use crate::vocabulary::{SequenceId, Version};

/// `error` and all its causes, outermost first, leaving out a cause that the line before it ends with.
#[must_use]
pub fn chain(error: &(dyn std::error::Error + 'static)) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let line = error.to_string();
        if lines.last().is_none_or(|last| !last.ends_with(&line)) {
            lines.push(line);
        }
        next = error.source();
    }
    lines
}

pub(super) fn version(read: Option<Version>) -> String {
    read.map_or_else(
        || "not recorded".to_owned(),
        |version| format!("at version {version}"),
    )
}

pub(super) fn held(now: Option<&str>) -> String {
    now.map_or_else(
        || "something else now".to_owned(),
        |now| format!("{now:?} now"),
    )
}

pub(super) fn because(why: Option<&Unselected>) -> String {
    why.map_or_else(String::new, |why| format!("; {why}"))
}

pub(super) fn stored_id(stored: Option<SequenceId>) -> String {
    stored.map_or_else(|| "nothing".to_owned(), |id| id.to_string())
}

/// The columns that could have been named instead of one that does not exist.
pub(super) fn instead(timestamps: &[String]) -> String {
    match timestamps {
        [] => "it has none that is a timestamp".to_owned(),
        [one] => format!("the only one that is a timestamp is {one}"),
        several => format!("those that are timestamps are {}", named(several)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_that_could_be_meant_are_named_few_at_a_time() {
        let columns = |count: u16| {
            (1..=count)
                .map(|number| format!("at_{number}"))
                .collect::<Vec<_>>()
        };
        for (count, expected) in [
            (0, "it has none that is a timestamp"),
            (1, "the only one that is a timestamp is at_1"),
            (2, "those that are timestamps are at_1, at_2"),
            (
                1_600,
                "those that are timestamps are at_1, at_2, at_3, at_4 and 1596 more",
            ),
        ] {
            assert_eq!(instead(&columns(count)), expected);
        }
    }
}
