//! Who wrote the versions of a value.

use crate::backend::provenance::Provenance;
use crate::vocabulary::SequenceId;

/// Who wrote the versions of a value, taken one after the other, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backend) struct Writers<V> {
    /// What each run wrote for each of its objects, however late.
    said: Vec<(Provenance, V)>,
    /// The author that the Description of the previous version names, and its value.
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
    /// Returns who wrote the next version, which has this `value` and a Description that names `by`.
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

    /// The run that wrote a value for the object of this number, if the history still shows it.
    pub fn run_of(&self, number: SequenceId) -> Option<&Provenance> {
        let mut runs = self.said.iter().map(|(run, _)| run);
        runs.find(|run| run.number() == Some(number))
    }
}
