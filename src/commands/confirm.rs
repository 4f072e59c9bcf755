//! The confirmation that stands between a command and a write.
//!
//! A read-only profile refuses. A careful one wants the table's name typed, or the number of tables if there are
//! several. `--yes` replaces that, except for a write that overrides a safety rule (`--force`), which needs the name as
//! `--confirm TABLE`.

use std::io;

use tokio::sync::oneshot;

use super::error::CommandError;
use super::invocation::Invocation;
use super::session::Session;
use crate::backend::tables::is_meant;
use crate::config::Safety;
use crate::text::shell;
use crate::vocabulary::TableName;

/// The consent already given on the command line.
#[derive(Debug, Clone, Default)]
pub struct Consent {
    pub yes: bool,
    /// The table's name, already typed.
    pub confirm: Option<String>,
}

/// The flags of a command that writes rows: whether to write at all, and whether to ask.
#[derive(Debug, Clone, Copy)]
pub struct RowFlags {
    /// Only say what would be written.
    pub dry_run: bool,
    pub yes: bool,
}

/// A confirmed write. Can only be made in this module.
#[derive(Debug)]
pub struct Confirmed<T>(T);

impl<T> Confirmed<T> {
    /// What was confirmed.
    pub fn into_inner(self) -> T {
        self.0
    }
}

/// The confirmation that a write still needs, known before any store has been reached.
#[derive(Debug, PartialEq, Eq)]
pub enum Gate {
    Open,
    /// Somebody has to type the name or the number.
    Ask,
}

/// The write to be confirmed.
#[derive(Debug, Clone, Copy)]
pub struct Write<'a> {
    /// `ingest`, `params set`: used in messages.
    pub doing: &'a str,
    pub profile: &'a str,
    /// Whether it overrides a safety rule.
    pub forced: bool,
    /// The table as it was spelled, if there is exactly one.
    pub table: Option<&'a str>,
}

impl Gate {
    /// Decides by the profile's `safety` and the flags. `can_ask` says whether there is somebody to answer; it may wait
    /// a moment for a silent pipe, so it is only called if needed.
    ///
    /// # Errors
    /// [`CommandError::Refused`] if the profile is read-only, if `--confirm` names another table, or if there is nobody
    /// to ask.
    pub fn of(
        safety: Safety,
        write: Write<'_>,
        consent: &Consent,
        can_ask: impl Fn() -> bool,
    ) -> Result<Self, CommandError> {
        if let (Some(given), Some(table)) = (&consent.confirm, write.table)
            && !is_same(given, table)
        {
            return Err(CommandError::refused(
                format!("--confirm names {given}, but the write is to {table}"),
                format!("if {table} is meant, say --confirm {}", shell(table)),
            ));
        }
        let Write { doing, profile, .. } = write;
        match safety {
            Safety::ReadOnly => Err(CommandError::refused(
                format!("profile {profile} is read-only: {doing} is refused"),
                "use another profile, or leave out --read-only",
            )),
            Safety::Normal => Ok(Self::Open),
            Safety::Careful if consent.confirm.is_some() => Ok(Self::Open),
            Safety::Careful if consent.yes && !write.forced => Ok(Self::Open),
            Safety::Careful if can_ask() => Ok(Self::Ask),
            Safety::Careful => Err(CommandError::refused(
                format!(
                    "profile {profile} is careful: {doing} was not confirmed, and there is no terminal to ask on"
                ),
                format!("add {}", missing_flag(write)),
            )),
        }
    }

    /// The gate of a command that writes rows. `table` is the spelling of the one table, or `None` for several. A dry
    /// run writes nothing, so its gate is open.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn of_rows(
        session: &Session,
        invocation: &Invocation,
        doing: &str,
        table: Option<&str>,
        flags: RowFlags,
    ) -> Result<Self, CommandError> {
        if flags.dry_run {
            return Ok(Self::Open);
        }
        let write = Write {
            doing,
            profile: &session.profile.name,
            forced: false,
            table,
        };
        let consent = Consent {
            yes: flags.yes,
            confirm: None,
        };
        let can_ask = || invocation.can_ask();
        Self::of(session.profile.safety, write, &consent, can_ask)
    }

    /// Asks if necessary, and lets `plan` through.
    ///
    /// # Errors
    /// [`CommandError::Refused`] if the answer is not the expected one, [`CommandError::Interrupted`] if a signal comes
    /// first.
    pub async fn pass<T: Send>(
        self,
        invocation: &Invocation,
        question: &str,
        tables: &[TableName],
        plan: T,
    ) -> Result<Confirmed<T>, CommandError> {
        if self == Self::Ask {
            let expected = Expected::of(tables);
            invocation
                .notes
                .say(&format!("{question}\n{}", expected.prompt()));
            let answer = invocation.until_interrupted(read_answer()).await?;
            if !expected.is_met(&answer) {
                return Err(CommandError::refused(
                    "not confirmed; nothing was written",
                    format!("run it again and {}", expected.prompt()),
                ));
            }
        }
        Ok(Confirmed(plan))
    }
}

/// Whether two words name the same table, whether typed as it was spelled or as it is shown.
fn is_same(given: &str, table: &str) -> bool {
    is_meant(given, &TableName::parse(table)) || is_meant(table, &TableName::parse(given))
}

fn missing_flag(write: Write<'_>) -> String {
    match write.table {
        Some(table) if write.forced => {
            format!(
                "--confirm {}; --yes is not enough for a sequence id out of order",
                shell(table)
            )
        }
        _ => "--yes".to_owned(),
    }
}

/// The answer that has to be typed.
enum Expected {
    Table(TableName),
    Number(usize),
}

impl Expected {
    fn of(tables: &[TableName]) -> Self {
        match tables {
            [table] => Self::Table(table.clone()),
            several => Self::Number(several.len()),
        }
    }

    fn prompt(&self) -> String {
        match self {
            Self::Table(table) => format!("type the table's name to continue: {table}"),
            Self::Number(number) => format!("type the number of tables to continue: {number}"),
        }
    }

    fn is_met(&self, answer: &str) -> bool {
        match self {
            Self::Table(table) => is_meant(answer.trim(), table),
            Self::Number(number) => answer.trim() == number.to_string(),
        }
    }
}

/// One line from stdin, read on its own thread: a blocking read cannot be abandoned, but waiting for it can.
pub(super) async fn read_answer() -> Result<String, CommandError> {
    let (send, answer) = oneshot::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        // Nobody is waiting any more once a signal has come.
        let _ = send.send(io::stdin().read_line(&mut line).map(|_| line));
    });
    match answer.await {
        Ok(Ok(line)) => Ok(line),
        Ok(Err(cause)) => Err(CommandError::Io {
            doing: "reading the answer".to_owned(),
            cause,
        }),
        Err(_) => Err(CommandError::Interrupted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::exit::Exit;

    const INGEST: Write<'_> = Write {
        doing: "ingest",
        profile: "prod",
        forced: false,
        table: None,
    };
    const SET: Write<'_> = Write {
        doing: "params set",
        profile: "prod",
        forced: false,
        table: Some("payment"),
    };
    const FORCED: Write<'_> = Write {
        forced: true,
        ..SET
    };

    fn consent(yes: bool, confirm: Option<&str>) -> Consent {
        Consent {
            yes,
            confirm: confirm.map(str::to_owned),
        }
    }

    fn refusal(gate: Result<Gate, CommandError>) -> String {
        let error = gate.expect_err("a refusal");
        assert_eq!(error.exit(), Exit::Refused);
        error.next_step().expect("what to do")
    }

    #[test]
    fn a_read_only_profile_refuses_whatever_is_said() {
        for write in [INGEST, SET, FORCED] {
            let said = consent(true, write.table);
            let gate = Gate::of(Safety::ReadOnly, write, &said, || true);
            assert!(refusal(gate).contains("--read-only"));
        }
    }

    #[test]
    fn a_normal_profile_does_not_ask() {
        for write in [INGEST, SET, FORCED] {
            let gate = Gate::of(Safety::Normal, write, &Consent::default(), || {
                panic!("nobody need be waited for")
            });
            assert_eq!(gate.expect("open"), Gate::Open);
        }
    }

    #[test]
    fn a_careful_profile_asks_or_takes_yes() {
        let silent = Consent::default();
        for write in [INGEST, SET] {
            let gate = Gate::of(Safety::Careful, write, &silent, || true);
            assert_eq!(gate.expect("a question"), Gate::Ask);
            let gate = Gate::of(Safety::Careful, write, &consent(true, None), || false);
            assert_eq!(gate.expect("open"), Gate::Open);
            let gate = Gate::of(Safety::Careful, write, &silent, || false);
            assert_eq!(refusal(gate), "add --yes");
        }
    }

    #[test]
    fn force_in_a_careful_profile_wants_the_name_and_not_just_yes() {
        let gate = Gate::of(Safety::Careful, FORCED, &consent(true, None), || false);
        assert!(refusal(gate).starts_with("add --confirm payment"));
        let named = consent(false, Some("public.payment"));
        let gate = Gate::of(Safety::Careful, FORCED, &named, || false);
        assert_eq!(gate.expect("open"), Gate::Open);
    }

    #[test]
    fn a_name_that_is_not_the_tables_is_refused() {
        for safety in [Safety::Normal, Safety::Careful] {
            let gate = Gate::of(safety, SET, &consent(true, Some("staff")), || true);
            assert!(refusal(gate).contains("--confirm payment"));
        }
    }

    #[test]
    fn a_name_that_cannot_be_typed_is_given_as_it_is_shown() {
        let (raw, shown) = ("ev\u{1b}[2Jil", r"ev\u{1b}[2Jil");
        for (table, given) in [(raw, shown), (shown, raw), (raw, raw), (shown, shown)] {
            let write = Write {
                table: Some(table),
                ..FORCED
            };
            let gate = Gate::of(Safety::Careful, write, &consent(false, Some(given)), || {
                false
            });
            assert_eq!(gate.expect("open"), Gate::Open, "{given:?} of {table:?}");
        }
        assert!(Expected::of(&[TableName::parse(raw)]).is_met(&format!("{shown}\n")));
        let spaced = Write {
            table: Some("Order Details"),
            ..FORCED
        };
        let gate = Gate::of(Safety::Careful, spaced, &consent(true, None), || false);
        assert!(refusal(gate).starts_with("add --confirm 'Order Details'"));
    }

    #[test]
    fn one_table_is_confirmed_by_its_name_and_several_by_their_number() {
        let table = |name| TableName::parse(name);
        let one = Expected::of(&[table("payment")]);
        assert!(one.is_met("payment\n") && one.is_met("public.payment"));
        assert!(!one.is_met("1") && !one.is_met("") && !one.is_met("Payment"));
        let two = Expected::of(&[table("payment"), table("staff")]);
        assert!(two.is_met("2\n") && !two.is_met("payment") && !two.is_met("02"));
    }
}
