//! Something wrong, with what shows it and what would put it right.

use serde::Serialize;
use serde_json::{Map, Value};

use super::repair::Repair;
use crate::backend::finding::{Finding, FindingCode, Severity};
use crate::backend::stored::Values;
use crate::vocabulary::TableName;

/// The name under which the evidence holds a statement for the owner of the database.
pub const STATEMENT: &str = "statement";
/// The name under which the evidence holds what can be done if no repair is offered.
const NEXT_STEP: &str = "next_step";

/// One finding of the doctor; the shape of `highwater doctor --output json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// `None` if it concerns the whole profile.
    pub table: Option<TableName>,
    #[serde(flatten)]
    pub finding: Finding,
    pub evidence: Evidence,
    /// Empty if no repair is safe; if there are several, a person has to choose.
    pub repairs: Vec<Repair>,
}

impl Diagnosis {
    /// A finding about `table`, with no evidence or repairs yet.
    pub(super) fn new(table: &TableName, finding: Finding) -> Self {
        Self {
            table: Some(table.clone()),
            finding,
            evidence: Evidence::default(),
            repairs: Vec::new(),
        }
    }

    pub(super) fn because(mut self, evidence: Evidence) -> Self {
        self.evidence = evidence;
        self
    }

    /// Adds what can be done if no repair is offered.
    pub(super) fn advising(mut self, step: &str) -> Self {
        self.evidence = self.evidence.with(NEXT_STEP, step);
        self
    }

    pub(super) fn offering(mut self, repairs: impl IntoIterator<Item = Repair>) -> Self {
        self.repairs = repairs.into_iter().collect();
        self
    }

    /// The code of the finding.
    #[must_use]
    pub const fn code(&self) -> FindingCode {
        self.finding.code
    }

    /// The statement with which the owner of the database can put it right, if there is one.
    #[must_use]
    pub fn statement(&self) -> Option<&str> {
        self.evidence.get(STATEMENT)?.as_str()
    }

    /// What can be done about it if no repair is offered, if anything.
    #[must_use]
    pub fn next_step(&self) -> Option<&str> {
        self.evidence.get(NEXT_STEP)?.as_str()
    }

    /// Whether it is more than information.
    #[must_use]
    pub fn matters(&self) -> bool {
        self.finding.severity > Severity::Info
    }
}

/// Names and values that show a finding, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Evidence(Map<String, Value>);

impl Evidence {
    /// The stored values as evidence.
    #[must_use]
    pub(super) fn of(values: &Values) -> Self {
        Self::default()
            .with("timestamp", values.timestamp.spelled())
            .with("timestamp_version", values.timestamp.version())
            .with("sequence_id", values.sequence_id.spelled())
            .with("sequence_id_version", values.sequence_id.version())
    }

    /// This evidence with one more entry; unknown values are left out.
    #[must_use]
    pub(super) fn with(mut self, name: &str, value: impl Serialize) -> Self {
        // Only strings, numbers and lists of them are passed here, so this does not fail.
        let value = serde_json::to_value(value).unwrap_or_default();
        if !value.is_null() {
            self.0.insert(name.to_owned(), value);
        }
        self
    }

    /// The names with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// One value by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }
}

impl FromIterator<(String, Value)> for Evidence {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}
