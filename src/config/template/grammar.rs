//! The syntax that both kinds of template share.

use super::error::TemplateError;

/// One piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Literal(String),
    Env,
    Schema,
    Table,
    Seq { width: usize },
    Date,
    Time,
}

/// The placeholders of a kind of template, as they are spelled.
pub(super) type Known = &'static [&'static str];

pub(super) const IN_PARAMETERS: Known = &["env", "schema", "table"];
pub(super) const IN_KEYS: Known = &["env", "schema", "table", "seq", "date", "time"];

/// Splits `text` into its parts.
pub(super) fn parse(text: &str, known: Known) -> Result<Vec<Part>, TemplateError> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (literal, after) = rest.split_at(rest.find('{').unwrap_or(rest.len()));
        if literal.contains('}') {
            return Err(TemplateError::Unbalanced);
        }
        if !literal.is_empty() {
            parts.push(Part::Literal(literal.to_owned()));
        }
        rest = after;
        if let Some(after) = after.strip_prefix('{') {
            let (inside, after) = after.split_once('}').ok_or(TemplateError::Unbalanced)?;
            if inside.contains('{') {
                return Err(TemplateError::Unbalanced);
            }
            parts.push(placeholder(inside, known)?);
            rest = after;
        }
    }
    Ok(parts)
}

fn placeholder(inside: &str, known: Known) -> Result<Part, TemplateError> {
    let unknown = || TemplateError::UnknownPlaceholder {
        placeholder: inside.to_owned(),
        known: known
            .iter()
            .map(|name| format!("{{{name}}}"))
            .collect::<Vec<_>>()
            .join(", "),
    };
    let (name, width) = match inside.split_once(':') {
        Some((name, width)) => (name, Some(width)),
        None => (inside, None),
    };
    if !known.contains(&name) {
        return Err(unknown());
    }
    match (name, width) {
        ("env", None) => Ok(Part::Env),
        ("schema", None) => Ok(Part::Schema),
        ("table", None) => Ok(Part::Table),
        ("date", None) => Ok(Part::Date),
        ("time", None) => Ok(Part::Time),
        ("seq", None) => Ok(Part::Seq { width: 1 }),
        ("seq", Some(width)) => digits(width)
            .map(|width| Part::Seq { width })
            .ok_or_else(|| TemplateError::Width {
                width: width.to_owned(),
            }),
        _ => Err(unknown()),
    }
}

/// A width from 1 to 20, the number of digits of the largest sequence id; `08` and `8` are the
/// same.
fn digits(width: &str) -> Option<usize> {
    let only_digits = width.bytes().all(|b| b.is_ascii_digit());
    let width = width.parse().ok().filter(|_| only_digits)?;
    (1..=20).contains(&width).then_some(width)
}

/// Checks that `{schema}` and `{table}` can be told apart: within one part of the path, any two of
/// them are separated by text, and by nothing that varies from run to run.
pub(super) fn check_names_apart(parts: &[Part]) -> Result<(), TemplateError> {
    let mut since_name: Option<Vec<&Part>> = None;
    for part in parts {
        match part {
            Part::Schema | Part::Table => {
                let between = since_name.replace(Vec::new());
                let apart = between.is_none_or(|between| {
                    !between.is_empty() && between.iter().all(|p| matches!(p, Part::Literal(_)))
                });
                if !apart {
                    return Err(TemplateError::NamesRunTogether);
                }
            }
            Part::Literal(text) if text.contains('/') => since_name = None,
            other => {
                if let Some(between) = &mut since_name {
                    between.push(other);
                }
            }
        }
    }
    Ok(())
}
