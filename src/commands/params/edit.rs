//! `highwater params set` and `revert`: deliberate changes to the stored values.

use std::fmt::Write as _;

use super::get;
use crate::backend::Backend;
use crate::backend::edits::{Edit, EditPlan, Revert, Which};
use crate::backend::stored::ParameterWrite;
use crate::commands::cli::{ParameterArg, RevertArgs, SetArgs};
use crate::commands::confirm::{Confirmed, Consent, Gate, Write};
use crate::commands::error::CommandError;
use crate::commands::exit::Exit;
use crate::commands::invocation::Invocation;
use crate::commands::session::Session;
use crate::commands::targets;
use crate::vocabulary::{Watermark, watermark};

/// Changes one or both values: shows the exact writes, asks if the profile requires it, writes, and prints what is
/// stored afterwards.
///
/// # Errors
/// [`CommandError::Usage`] if the timestamp cannot be parsed, [`CommandError::Refused`] if the profile does not
/// allow the write, and [`CommandError::Backend`] if the table is unknown, the sequence id does not follow the
/// stored one, or a service fails.
pub(super) async fn set(
    session: &Session,
    invocation: &Invocation,
    args: SetArgs,
) -> Result<Exit, CommandError> {
    let write = Write {
        doing: "params set",
        profile: &session.profile.name,
        forced: args.force,
        table: Some(&args.table),
    };
    let consent = Consent::from(&args.consent);
    let gate = gate(session, invocation, write, &consent)?;
    // A timestamp that cannot be parsed is reported before anybody is asked anything.
    let typed = args.timestamp.as_deref();
    typed
        .map(|text| read_timestamp(session, text, None))
        .transpose()?;
    let backend = session.backend(invocation).await?;
    let plan = async {
        let table = targets::one(&backend, &args.table).await?;
        let timestamp = match typed {
            Some(text) => {
                let (stored, unreadable) = backend.readable(&table).await?;
                let stored = stored.timestamp.map(|stored| stored.value);
                if let Some(error) = unreadable.into_iter().next()
                    && stored.is_none()
                    && watermark::is_length(text)
                {
                    return Err(error.into());
                }
                Some(read_timestamp(session, text, stored)?)
            }
            None => None,
        };
        let edit = Edit {
            table,
            timestamp,
            sequence_id: args.sequence_id,
            reason: args.reason.reason,
            force: args.force,
        };
        Ok::<_, CommandError>(backend.plan_edit(&edit).await?)
    };
    let plan = invocation.patiently("counting", plan).await?;
    let gate = minding(&plan, invocation, gate, &consent);
    carry_out(&backend, invocation, gate, plan).await
}

/// Goes back to an older version; otherwise like [`set`].
///
/// # Errors
/// As [`set`].
pub(super) async fn revert(
    session: &Session,
    invocation: &Invocation,
    args: RevertArgs,
) -> Result<Exit, CommandError> {
    let write = Write {
        doing: "params revert",
        profile: &session.profile.name,
        forced: false,
        table: Some(&args.table),
    };
    let consent = Consent::from(&args.consent);
    let mut open = gate(session, invocation, write, &consent)?;
    let backend = session.backend(invocation).await?;
    let plan = async {
        let revert = Revert {
            table: targets::one(&backend, &args.table).await?,
            version: args.version,
            which: args.parameter.map(Which::from),
            reason: args.reason.reason,
        };
        backend.plan_revert(&revert).await
    };
    let plan = invocation.patiently("counting", plan).await?;
    // A sequence id for which `set` needs `--force` needs the same consent here, even if it was stored before.
    if plan.is_out_of_turn() {
        let write = Write {
            forced: true,
            ..write
        };
        open = gate(session, invocation, write, &consent)?;
    }
    let gate = minding(&plan, invocation, open, &consent);
    carry_out(&backend, invocation, gate, plan).await
}

impl From<ParameterArg> for Which {
    fn from(parameter: ParameterArg) -> Self {
        match parameter {
            ParameterArg::Timestamp => Self::Timestamp,
            ParameterArg::SequenceId => Self::SequenceId,
        }
    }
}

fn gate(
    session: &Session,
    invocation: &Invocation,
    write: Write<'_>,
    consent: &Consent,
) -> Result<Gate, CommandError> {
    let can_ask = || invocation.can_ask();
    Gate::of(session.profile.safety, write, consent, can_ask)
}

/// The gate once `plan` is known: if rows may be lost and no flag has confirmed that, a person who is there is
/// asked even in a profile that does not ask, as in the console.
fn minding(plan: &EditPlan, invocation: &Invocation, gate: Gate, consent: &Consent) -> Gate {
    let said = consent.yes || consent.confirm.is_some();
    if plan.may_lose_rows() && invocation.has_person() && !said {
        Gate::Ask
    } else {
        gate
    }
}

/// Parses what was typed; a bare length of time is relative to the `stored` timestamp.
fn read_timestamp(
    session: &Session,
    text: &str,
    stored: Option<Watermark>,
) -> Result<Watermark, CommandError> {
    let spelling = session.profile.spelling();
    watermark::read_change(text, stored, Watermark::now(), &spelling)
        .map_err(|error| CommandError::usage(error.to_string(), "correct --timestamp"))
}

async fn carry_out(
    backend: &Backend,
    invocation: &Invocation,
    gate: Gate,
    plan: EditPlan,
) -> Result<Exit, CommandError> {
    let shown = describe(&plan, &backend.profile().name);
    let table = plan.table.clone();
    if gate == Gate::Open {
        invocation.notes.note(&shown);
    }
    let tables = [table.clone()];
    let confirmed = gate.pass(invocation, &shown, &tables, plan).await?;
    apply(backend, confirmed).await?;
    // The edit has been made, even if the other value cannot be read.
    get::print(backend, invocation, table).await?;
    Ok(Exit::Done)
}

/// Not abandoned half-way: it is two short writes, and a second signal ends it anyway.
async fn apply(backend: &Backend, plan: Confirmed<EditPlan>) -> Result<(), CommandError> {
    backend.apply_edit(&plan.into_inner()).await?;
    Ok(())
}

/// The exact writes, and their consequence for the rows.
fn describe(plan: &EditPlan, profile: &str) -> String {
    let mut text = format!("{} in profile {profile}", plan.table);
    for write in plan.writes() {
        text.push_str(&describe_write(write));
    }
    if let Some(consequence) = plan.consequence {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n  {consequence}");
    }
    let _ = write!(text, "\n  reason: {}", plan.reason);
    text
}

fn describe_write(write: &ParameterWrite) -> String {
    let version = write.version().map_or_else(
        || "created".to_owned(),
        |version| format!("version {version} → {}", version.next()),
    );
    format!(
        "\n  {}  {version}\n    {} → {}",
        write.name,
        write.spelled_before().unwrap_or("not recorded"),
        write.after,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::edits::Consequence;
    use crate::backend::parameters::Parameter;
    use crate::vocabulary::{ParameterName, TableName, Version};

    #[test]
    fn the_exact_writes_and_their_consequence_are_shown() {
        let plan = EditPlan {
            table: TableName::parse("payment"),
            timestamp: Some(ParameterWrite {
                name: ParameterName::new("/highwater/payment/timestamp"),
                before: Some(Parameter {
                    value: "2026-05-16T10:50:30.123000Z".to_owned(),
                    version: Version(214),
                }),
                after: "2026-05-16T08:50:30.123000Z".to_owned(),
            }),
            sequence_id: Some(ParameterWrite {
                name: ParameterName::new("/highwater/payment/sequence_id"),
                before: None,
                after: "1".to_owned(),
            }),
            reason: "late corrections".to_owned(),
            consequence: Some(Consequence::ReIngests(1204)),
        };
        let expected = "\
payment in profile prod
  /highwater/payment/timestamp  version 214 → 215
    2026-05-16T10:50:30.123000Z → 2026-05-16T08:50:30.123000Z
  /highwater/payment/sequence_id  created
    not recorded → 1
  re-ingests 1,204 rows: those that objects hold are written again
  reason: late corrections";
        assert_eq!(describe(&plan, "prod"), expected);
    }
}
