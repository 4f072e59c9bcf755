//! Who has written the versions of a value.

use crate::backend::provenance::Provenance;
use crate::vocabulary::SequenceId;

/// Who has written the versions of a value, as they are looked at one after the other, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backend) struct Writers<V> {
    /// What each run has written for each of its objects, however late.
    said: Vec<(Provenance, V)>,
    /// What the Description of the version before names, and its value.
    last: Option<(Provenance, V)>,
}

impl<V> Default for Writers<V> {
    fn default() -> Self {
        Self {
            said: Vec::new(),
            last: None,
        }
    }
}

impl<V: Clone + PartialEq> Writers<V> {
    /// Who has written the next version, `value` under a Description that names `by`.
    pub fn of_next(&mut self, by: Provenance, value: V) -> Provenance {
        let last = self.last.replace((by.clone(), value.clone()));
        let before = match &by {
            Provenance::Run { .. } => self.said.iter().find(|(run, _)| *run == by).cloned(),
            Provenance::Edit { .. } => last.filter(|(author, _)| *author == by),
            Provenance::Other => None,
        };
        match before {
            Some((_, said)) if said != value => return Provenance::Other,
            None if by.is_run() => self.said.push((by.clone(), value)),
            _ => {}
        }
        by
    }

    /// The run that wrote a value for the object of this number, if the history still tells.
    pub fn run_of(&self, number: SequenceId) -> Option<&Provenance> {
        let mut runs = self.said.iter().map(|(run, _)| run);
        runs.find(|run| run.number() == Some(number))
    }
}
