//! Findings as text: one block each, wrapped to fit.

use std::fmt::Write as _;

use crate::backend::doctor::{Diagnosis, Repair};
use crate::backend::finding::Severity;
use crate::commands::output::paint::{Tone, paint};
use crate::figures;
use crate::text::{visible, width, wrap};

/// The number of columns if there is no terminal to tell, and the most that are used.
const USUAL: usize = 80;
const MOST: usize = 110;
/// Values up to this length are shown even if the message contains them.
const SHORT: usize = 40;

/// The layout of the blocks.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    columns: usize,
    colour: bool,
}

impl Layout {
    /// A layout for a terminal of `columns`, if there is one.
    #[must_use]
    pub fn new(columns: Option<usize>, colour: bool) -> Self {
        Self {
            columns: columns.unwrap_or(USUAL).clamp(30, MOST),
            colour,
        }
    }

    /// All findings; a finding that several tables share is shown once.
    pub fn report(self, diagnoses: &[Diagnosis]) -> String {
        let mut text = String::new();
        for group in groups(diagnoses) {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&self.block(&group));
        }
        text
    }

    /// The report for somebody who is about to repair: findings without a repair come first, notes among them
    /// shortened, so that the findings that can be repaired stand by themselves at the end.
    pub fn apart(self, diagnoses: &[Diagnosis]) -> String {
        let (offers, rest): (Vec<_>, Vec<_>) = diagnoses
            .iter()
            .cloned()
            .partition(|one| !one.repairs.is_empty());
        let mut text = self.without_repair(&rest);
        if !text.is_empty() && !offers.is_empty() {
            text.push('\n');
        }
        text.push_str(&self.offers(&offers));
        text
    }

    /// Findings without a repair, under a heading; empty if there are none.
    pub fn without_repair(self, diagnoses: &[Diagnosis]) -> String {
        let mut text = String::new();
        if !diagnoses.is_empty() {
            let count = figures::count(figures::length(diagnoses.len()), "finding");
            let heading = format!("{count} without a repair here:");
            self.lines(&mut text, "", &heading, Tone::Faint);
        }
        for group in groups(diagnoses) {
            text.push('\n');
            let is_note = |one: &&Diagnosis| one.finding.severity == Severity::Info;
            text.push_str(&if group.iter().all(is_note) {
                self.head(&group)
            } else {
                self.block(&group)
            });
        }
        text
    }

    /// Findings with a repair, under a heading; empty if there are none.
    pub fn offers(self, diagnoses: &[Diagnosis]) -> String {
        let mut text = self.heading_of_offers(diagnoses.len());
        for diagnosis in diagnoses {
            text.push('\n');
            text.push_str(&self.report(std::slice::from_ref(diagnosis)));
        }
        text
    }

    /// The heading above `number` findings that can be repaired.
    pub fn heading_of_offers(self, number: usize) -> String {
        let mut text = String::new();
        if number > 0 {
            let count = figures::count(figures::length(number), "finding");
            let heading = format!("{count} with a repair:");
            self.lines(&mut text, "", &heading, Tone::Strong);
        }
        text
    }

    /// What was found, and in which tables.
    fn head(self, group: &[&Diagnosis]) -> String {
        let mut text = String::new();
        if let Some(first) = group.first() {
            let (mark, tone) = mark(first.finding.severity);
            let heading = format!("{mark} {}  {}", subject(group), first.code());
            self.lines(&mut text, "", &heading, tone);
            self.lines(&mut text, "  ", &first.finding.message, Tone::Plain);
        }
        text
    }

    fn block(self, group: &[&Diagnosis]) -> String {
        let Some(first) = group.first() else {
            return String::new();
        };
        let mut text = self.head(group);
        for (name, values) in evidence(group) {
            // Long values that the message already contains are not repeated.
            let said =
                |value: &String| value.len() > SHORT && first.finding.message.contains(value);
            let values: Vec<String> = values.into_iter().filter(|value| !said(value)).collect();
            self.named(&mut text, &name.replace('_', " "), &values);
        }
        for repair in &first.repairs {
            text.push_str(&self.repair(repair));
        }
        text
    }

    /// A repair with its exact writes.
    pub fn repair(self, repair: &Repair) -> String {
        let mut text = String::new();
        let heading = format!("repair {}: {}", repair.id, repair.summary);
        self.lines(&mut text, "  ", &heading, Tone::Strong);
        for write in repair.writes() {
            self.lines(&mut text, "    ", &write.what, Tone::Plain);
            self.lines(&mut text, "      ", &write.change(), Tone::Good);
        }
        text
    }

    /// A name and its value in two columns if they fit; otherwise the values are listed below the name.
    fn named(self, text: &mut String, name: &str, values: &[String]) {
        const NAMES: usize = 30;
        let indent = "    ";
        let room = self.columns.saturating_sub(indent.len() + NAMES);
        match values {
            [] => {}
            [value] if width(name) < NAMES && width(&visible(value)) <= room => {
                let padding = " ".repeat(NAMES - width(name));
                let name = paint(name, Tone::Faint, self.colour);
                // Writing to a String cannot fail.
                let _ = writeln!(text, "{indent}{name}{padding}{}", visible(value));
            }
            values => {
                self.lines(text, indent, name, Tone::Faint);
                for value in values {
                    self.lines(text, "      ", value, Tone::Plain);
                }
            }
        }
    }

    fn lines(self, text: &mut String, indent: &str, content: &str, tone: Tone) {
        for line in wrap(&visible(content), self.columns - indent.len()) {
            let line = paint(line.trim_end(), tone, self.colour);
            let _ = writeln!(text, "{indent}{line}");
        }
    }
}

/// Groups findings that differ only in the table, in the order of the first of each group. A finding that can be
/// repaired is a group of its own.
fn groups(diagnoses: &[Diagnosis]) -> Vec<Vec<&Diagnosis>> {
    let mut groups: Vec<Vec<&Diagnosis>> = Vec::new();
    for diagnosis in diagnoses {
        let same = groups.iter_mut().find(|group| {
            group.iter().take(1).all(|first| {
                first.finding == diagnosis.finding
                    && first.repairs.is_empty()
                    && diagnosis.repairs.is_empty()
            })
        });
        match same {
            Some(group) => group.push(diagnosis),
            None => groups.push(vec![diagnosis]),
        }
    }
    groups
}

/// The evidence of a group: each name with its distinct values, empty ones left out.
fn evidence<'a>(group: &[&'a Diagnosis]) -> Vec<(&'a str, Vec<String>)> {
    let mut names: Vec<(&str, Vec<String>)> = Vec::new();
    for (name, value) in group.iter().flat_map(|one| one.evidence.iter()) {
        let value = figures::value(name, value);
        if value.is_empty() {
            continue;
        }
        match names.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) if values.contains(&value) => {}
            Some((_, values)) => values.push(value),
            None => names.push((name, vec![value])),
        }
    }
    names
}

fn subject(group: &[&Diagnosis]) -> String {
    let tables = group.iter().filter_map(|one| one.table.as_ref());
    let tables: Vec<String> = tables.map(ToString::to_string).collect();
    if tables.is_empty() {
        return "the profile".to_owned();
    }
    figures::named(&tables)
}

const fn mark(severity: Severity) -> (&'static str, Tone) {
    match severity {
        Severity::Error => ("✗", Tone::Bad),
        Severity::Warning => ("!", Tone::Notice),
        Severity::Info => ("·", Tone::Strong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::doctor::Evidence;
    use crate::backend::finding::{Finding, FindingCode};
    use crate::vocabulary::TableName;

    fn missing_index(table: &str) -> Diagnosis {
        let finding = Finding::new(FindingCode::NoTimestampIndex, "no index leads there");
        let statement = format!("CREATE INDEX ON {table}");
        let evidence = serde_json::json!({"statement": statement, "rows": 1204, "pid": 1204});
        Diagnosis {
            table: Some(TableName::parse(table)),
            finding,
            evidence: Evidence::from_iter(evidence.as_object().cloned().unwrap_or_default()),
            repairs: Vec::new(),
        }
    }

    #[test]
    fn findings_that_are_the_same_are_said_once_with_what_differs() {
        let found = ["a", "b", "c", "d", "e"].map(missing_index);
        let expected = "\
· a, b, c, d and 1 more  no-timestamp-index
  no index leads there
    statement
      CREATE INDEX ON a
      CREATE INDEX ON b
      CREATE INDEX ON c
      CREATE INDEX ON d
      CREATE INDEX ON e
    rows                          1,204
    pid                           1204
";
        assert_eq!(Layout::new(None, false).report(&found), expected);
    }

    #[test]
    fn what_has_no_repair_stands_together_and_what_has_one_by_itself_at_the_end() {
        let code = FindingCode::StuckSequence;
        let table = TableName::parse("d");
        let writes = [("/d/sequence_id", Some(("1", 1)), "2")];
        let repair = Repair::writing((&table, code), ("use-number", "go on"), writes);
        let stuck = Diagnosis {
            table: Some(table.clone()),
            finding: Finding::new(code, "object 2 exists"),
            evidence: Evidence::default(),
            repairs: vec![repair],
        };
        let gap = Diagnosis {
            table: Some(table),
            finding: Finding::new(FindingCode::ObjectGap, "no object has number 7"),
            evidence: Evidence::default(),
            repairs: Vec::new(),
        };
        let found = [stuck, gap, missing_index("a"), missing_index("b")];
        let expected = "\
3 findings without a repair here:

! d  object-gap
  no object has number 7

· a, b  no-timestamp-index
  no index leads there

1 finding with a repair:

✗ d  stuck-sequence
  object 2 exists
  repair use-number: go on
    /d/sequence_id
      1 → 2
";
        let layout = Layout::new(None, false);
        assert_eq!(layout.apart(&found), expected);
        assert_eq!(
            layout.apart(&found[..1]),
            expected[expected.find("1 finding").expect("it is there")..]
        );
        assert_eq!(layout.apart(&[]), "");
    }

    #[test]
    fn lines_fit_however_narrow_the_terminal_is() {
        let found = [missing_index(
            "a_table_with_a_name_that_is_longer_than_most",
        )];
        for columns in [1, 30, 40, 200] {
            let text = Layout::new(Some(columns), false).report(&found);
            for line in text.lines() {
                assert!(width(line) <= columns.max(30), "{line}");
            }
        }
    }
}
