//! Finding the table that a typed name stands for.

use crate::text::visible;
use crate::vocabulary::TableName;

/// Whether `typed` names `table`, either as spelled or as shown.
///
/// A name may contain characters that cannot be typed; the form in which it is shown is then all that can be
/// typed, or copied from a screen. Nobody types the blanks around a name.
#[must_use]
pub fn is_meant(typed: &str, table: &TableName) -> bool {
    table.is_spelled(typed) || is_shown_as(typed, table)
}

fn is_shown_as(typed: &str, table: &TableName) -> bool {
    let spellings = [table.to_string(), table.qualified()];
    spellings.iter().any(|name| visible(name).trim() == typed)
}

/// Finds the table that is meant: an exact spelling takes precedence over the form in which another name is
/// shown.
pub(super) fn find<'a>(typed: &str, tables: &'a [TableName]) -> Option<&'a TableName> {
    let spelled = tables.iter().find(|table| table.is_spelled(typed));
    spelled.or_else(|| tables.iter().find(|table| is_shown_as(typed, table)))
}

/// Returns the table that was probably meant: the same name in a different schema or case, or else the most
/// similar name, if any is similar enough.
pub(super) fn nearest(spelling: &str, tables: &[TableName]) -> Option<TableName> {
    const ALIKE: f64 = 0.7;
    let spelling = spelling.to_lowercase();
    let bare = tables
        .iter()
        .find(|table| table.name().to_lowercase() == spelling);
    bare.cloned().or_else(|| {
        tables
            .iter()
            .map(|table| {
                let name = table.to_string().to_lowercase();
                (strsim::jaro_winkler(&spelling, &name), table)
            })
            .filter(|(likeness, _)| *likeness > ALIKE)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, table)| table.clone())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_meant_by_its_name_and_by_how_that_is_shown() {
        let odd = TableName::parse("ev\u{1b}[2Jil");
        let literal = TableName::parse(r"ev\u{1b}[2Jil");
        for typed in ["ev\u{1b}[2Jil", r"ev\u{1b}[2Jil", r"public.ev\u{1b}[2Jil"] {
            assert!(is_meant(typed, &odd), "{typed:?}");
        }
        assert!(!is_meant("ev", &odd) && !is_meant("Ev\u{1b}[2Jil", &odd));
        let both = [odd.clone(), literal.clone()];
        assert_eq!(find(r"ev\u{1b}[2Jil", &both), Some(&literal));
        assert_eq!(find("ev\u{1b}[2Jil", &both), Some(&odd));
        assert_eq!(find(r"ev\u{1b}[2Jil", &both[..1]), Some(&odd));
    }
}
