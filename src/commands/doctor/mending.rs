//! Repairs findings one after the other, each only once it is confirmed.

use std::collections::BTreeSet;

use super::{DoctorRecord, Question, layout, print, sum_up};
use crate::backend::doctor::{Diagnosis, Examination, Repair};
use crate::commands::cli::DoctorArgs;
use crate::commands::confirm::{Confirmed, Consent, Gate, Write, read_answer};
use crate::commands::error::CommandError;
use crate::commands::invocation::Invocation;
use crate::commands::output::Out;
use crate::commands::session::Session;
use crate::commands::work;
use crate::config::Safety;
use crate::jobs::{Failure, Output, Request};
use crate::vocabulary::TableName;

/// How often the tables are examined again after repairs, because one repair can uncover another.
const ROUNDS: usize = 4;

/// How repairs are confirmed.
pub(super) struct Mending<'a> {
    session: &'a Session,
    invocation: &'a Invocation,
    yes: bool,
    choose: Option<&'a str>,
}

/// The outcome of the repairs.
pub(super) struct Done {
    /// What is wrong after the repairs.
    pub left: Examination,
    /// Everything that was found, and what was done about it.
    pub records: Vec<DoctorRecord>,
    pub errors: Vec<CommandError>,
}

/// The answer to an offer.
enum Choice {
    Repair(Box<Confirmed<Repair>>),
    /// A person said no.
    Declined,
    /// Nobody chose between several repairs.
    Open,
}

impl<'a> Mending<'a> {
    /// Takes over the flags, and refuses in a read-only profile.
    ///
    /// # Errors
    /// [`CommandError::Refused`] if the profile is read-only.
    pub fn new(
        session: &'a Session,
        invocation: &'a Invocation,
        args: &'a DoctorArgs,
    ) -> Result<Self, CommandError> {
        let mending = Self {
            session,
            invocation,
            yes: args.yes,
            choose: args.choose.as_deref(),
        };
        if session.profile.safety == Safety::ReadOnly {
            mending.gate()?;
        }
        Ok(mending)
    }

    /// Shows every finding of `examined`, asks about its repairs, and applies the confirmed ones.
    ///
    /// # Errors
    /// [`CommandError::Refused`] if a repair is offered and there is nobody to ask, or somebody said no;
    /// [`CommandError::Interrupted`] on a signal.
    pub async fn carry_out(
        &self,
        question: &Question<'_>,
        tables: &[TableName],
        examined: Examination,
    ) -> Result<Done, CommandError> {
        let offers = examined.diagnoses.iter().any(|one| !one.repairs.is_empty());
        if offers && !self.yes && !self.invocation.can_ask() {
            self.print(question, &examined, tables.len())?;
            return Err(CommandError::refused(
                "nothing was repaired: not confirmed, and there is no terminal to ask on",
                "add --yes",
            ));
        }
        let mut done = Done {
            left: examined,
            records: Vec::new(),
            errors: Vec::new(),
        };
        let mut declined = false;
        for _ in 0..ROUNDS {
            let touched = self.round(&mut done, &mut declined).await?;
            if touched.is_empty() {
                break;
            }
            done.left = question.ask(tables).await?;
        }
        done.records.sort_by(|a, b| a.rank().cmp(&b.rank()));
        sum_up(question, &done.left, tables.len());
        if declined {
            self.print_records(&done)?;
            return Err(CommandError::refused(
                "not everything was confirmed; the rest was left as it is",
                "",
            ));
        }
        Ok(done)
    }

    /// One pass over the current findings. Returns the tables that were repaired, each by at most one repair: the
    /// other repairs offered for it are worked out anew.
    async fn round(
        &self,
        done: &mut Done,
        declined: &mut bool,
    ) -> Result<BTreeSet<TableName>, CommandError> {
        let known = |one: &Diagnosis| done.records.iter().any(|known| known.diagnosis == *one);
        let found = done
            .left
            .diagnoses
            .iter()
            .filter(|one| !known(one))
            .cloned();
        let (offers, rest): (Vec<_>, Vec<_>) = found.partition(|one| !one.repairs.is_empty());
        let layout = layout(self.invocation);
        self.show(&layout.without_repair(&rest))?;
        self.show(&layout.heading_of_offers(offers.len()))?;
        done.records
            .extend(rest.into_iter().map(|diagnosis| DoctorRecord {
                diagnosis,
                repaired: None,
            }));
        let mut touched = BTreeSet::new();
        for diagnosis in offers {
            let table = diagnosis.table.as_ref();
            if table.is_some_and(|table| touched.contains(table)) {
                continue;
            }
            self.show(&layout.report(std::slice::from_ref(&diagnosis)))?;
            let mut repaired = None;
            match self.choose(&diagnosis).await? {
                Choice::Repair(repair) => match self.apply(*repair).await {
                    Ok(repair) => {
                        repaired = Some(repair.id);
                        touched.insert(repair.table);
                    }
                    Err(CommandError::Interrupted) => return Err(CommandError::Interrupted),
                    Err(error) => done.errors.push(error),
                },
                Choice::Declined => *declined = true,
                Choice::Open => {}
            }
            done.records.push(DoctorRecord {
                diagnosis,
                repaired,
            });
        }
        Ok(touched)
    }

    /// Prints everything that was found, without repairing anything.
    fn print(
        &self,
        question: &Question<'_>,
        examined: &Examination,
        tables: usize,
    ) -> Result<(), CommandError> {
        if !self.invocation.out.is_table() {
            return print(question, examined, tables);
        }
        self.show(&layout(self.invocation).apart(&examined.diagnoses))?;
        sum_up(question, examined, tables);
        Ok(())
    }

    /// Prints a part of the text output; nothing in the other formats.
    fn show(&self, text: &str) -> Result<(), CommandError> {
        if text.is_empty() || !self.invocation.out.is_table() {
            return Ok(());
        }
        Out::text(format!("{text}\n").as_bytes())
    }

    fn print_records(&self, done: &Done) -> Result<(), CommandError> {
        if self.invocation.out.is_table() {
            return Ok(());
        }
        self.invocation.out.records(&done.records)
    }

    /// Chooses one of the repairs of a finding, if any is to be applied.
    async fn choose(&self, diagnosis: &Diagnosis) -> Result<Choice, CommandError> {
        match diagnosis.repairs.as_slice() {
            [only] if !only.is_choice => self.confirm(only.clone(), self.yes).await,
            several => match self.pick(several).await? {
                // Typing its name is consent.
                Some((repair, by_name)) => self.confirm(repair, self.yes || by_name).await,
                None => Ok(Choice::Open),
            },
        }
    }

    /// One of several repairs, by the flag or by asking, and whether a person has just named it.
    async fn pick(&self, several: &[Repair]) -> Result<Option<(Repair, bool)>, CommandError> {
        let by_id = |id: &str| several.iter().find(|repair| repair.id == id).cloned();
        let ids: Vec<&str> = several.iter().map(|repair| repair.id).collect();
        if let Some(repair) = self.choose.and_then(by_id) {
            return Ok(Some((repair, false)));
        }
        let Some(first) = several.first() else {
            return Ok(None);
        };
        let offer = format!("{}: {}: {}", first.table, first.code, ids.join(" or "));
        if self.yes {
            let text = match self.choose {
                Some(other) => format!("{offer}: none was done, and none is {other}"),
                None => format!("{offer}: none was done; say which with --choose"),
            };
            self.invocation.notes.say(&text);
            return Ok(None);
        }
        let text = format!("{offer}? type the one to do, or nothing");
        self.invocation.notes.say(&text);
        let answer = self.invocation.until_interrupted(read_answer()).await?;
        Ok(by_id(answer.trim()).map(|repair| (repair, true)))
    }

    async fn confirm(&self, repair: Repair, wanted: bool) -> Result<Choice, CommandError> {
        let gate = self.gate()?;
        if gate == Gate::Open && !wanted {
            let text = format!("{}: do {}? y or n", repair.table, repair.id);
            self.invocation.notes.say(&text);
            let answer = self.invocation.until_interrupted(read_answer()).await?;
            if !matches!(answer.trim(), "y" | "Y" | "yes") {
                return Ok(Choice::Declined);
            }
        }
        let text = format!("{} in profile {}", repair.id, self.session.profile.name);
        let tables = [repair.table.clone()];
        match gate.pass(self.invocation, &text, &tables, repair).await {
            Ok(confirmed) => Ok(Choice::Repair(Box::new(confirmed))),
            Err(CommandError::Refused { .. }) => Ok(Choice::Declined),
            Err(error) => Err(error),
        }
    }

    fn gate(&self) -> Result<Gate, CommandError> {
        let write = Write {
            doing: "doctor --repair",
            profile: &self.session.profile.name,
            forced: false,
            table: None,
        };
        let consent = Consent {
            yes: self.yes,
            confirm: None,
        };
        let can_ask = || self.invocation.can_ask();
        Gate::of(self.session.profile.safety, write, &consent, can_ask)
    }

    /// Applies a repair as a job, which a signal cannot stop half-way.
    async fn apply(&self, repair: Confirmed<Repair>) -> Result<Repair, CommandError> {
        let repair = repair.into_inner();
        let request = Request::Repair(Box::new(repair.clone()));
        match work::run_one(self.session, self.invocation, request, |_| {}).await {
            Ok(Output::Repaired) => {
                for write in repair.writes() {
                    let text = format!("{}: {}", write.what, write.change());
                    self.invocation.notes.note(&text);
                }
                Ok(repair)
            }
            Ok(other) => Err(Failure::wrong_answer(&other).into()),
            Err(failure) => Err(failure.into()),
        }
    }
}
