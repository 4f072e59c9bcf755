//! The template of a parameter's name.

use std::fmt;
use std::str::FromStr;

use super::error::TemplateError;
use super::grammar::{IN_PARAMETERS, Part, check_names_apart, parse};
use super::{LONGEST_ENV, LONGEST_NAME, escape};
use crate::vocabulary::{ParameterName, TableName};

/// The longest name that Parameter Store accepts, in characters (API reference, `PutParameter`).
const LONGEST: usize = 1011;
/// The deepest hierarchy of names that it accepts (ibid.).
const LEVELS: usize = 15;
const ALLOWED: &str = "Parameter Store allows letters, digits and _ . - /";

/// The template of a parameter's name: `/highwater/{table}/timestamp`.
///
/// Names are restricted to what Parameter Store accepts even if the store is local, because a profile may change
/// its store. Characters of a table's name that Parameter Store refuses are written as `.` and two hexadecimal
/// digits for each byte (`Order Details` becomes `Order.20Details`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterTemplate {
    text: String,
    parts: Vec<Part>,
}

/// The table that a parameter's name refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedTable {
    /// `None` if the template does not contain the schema.
    pub schema: Option<String>,
    /// The bare name.
    pub name: String,
}

impl NamedTable {
    /// Whether the name can refer to `table`.
    #[must_use]
    pub fn is(&self, table: &TableName) -> bool {
        self.name == table.name() && self.schema.as_ref().is_none_or(|s| s == table.schema())
    }
}

impl ParameterTemplate {
    /// Parses a template.
    ///
    /// # Errors
    /// A [`TemplateError`] if it is malformed, names no table, would let two tables share a name by its form, or
    /// produces names that Parameter Store refuses.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let template = Self::of_one_table(text)?;
        if template.parts.contains(&Part::Table) {
            return Ok(template);
        }
        Err(TemplateError::Lacks {
            placeholder: "{table}",
            what: "table's parameter",
        })
    }

    /// Parses the template of a single table, which need not name the table.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn of_one_table(text: &str) -> Result<Self, TemplateError> {
        let parts = parse(text, IN_PARAMETERS)?;
        check_names_apart(&parts)?;
        check_form(text, &parts)?;
        Ok(Self {
            text: text.to_owned(),
            parts,
        })
    }

    /// The name for `table`.
    ///
    /// # Errors
    /// [`TemplateError::Reserved`] if the name would start with `aws` or `ssm` because it starts with the table's
    /// name, and that does.
    pub fn render(&self, env: &str, table: &TableName) -> Result<ParameterName, TemplateError> {
        let mut name = String::with_capacity(self.text.len() + 32);
        for part in &self.parts {
            match part {
                Part::Literal(text) => name.push_str(text),
                Part::Schema => name.push_str(&escape::in_parameter(table.schema())),
                Part::Table => name.push_str(&escape::in_parameter(table.name())),
                _ => name.push_str(env),
            }
        }
        if is_reserved(&name) {
            return Err(TemplateError::Reserved { name });
        }
        Ok(ParameterName::new(name))
    }

    /// The prefix of all names of this template. Other parameters may share it: each name has to be
    /// [matched](Self::matches).
    #[must_use]
    pub fn prefix(&self, env: &str) -> String {
        let known = self.parts.iter().map_while(|part| match part {
            Part::Literal(text) => Some(text.as_str()),
            Part::Env => Some(env),
            _ => None,
        });
        known.collect()
    }

    /// The table whose parameter under this template is `name`; `None` for any other name.
    ///
    /// Anchored at both ends. If a name can be split in more than one way (`{schema}_{table}` and `a_b_c`), the
    /// shortest schema is chosen; to find out whether the name belongs to a known table, compare it with
    /// [`ParameterTemplate::render`].
    #[must_use]
    pub fn matches(&self, env: &str, name: &ParameterName) -> Option<NamedTable> {
        let bound = capture(&self.parts, env, name.as_str(), Bound::default())?;
        Some(NamedTable {
            schema: match bound.schema {
                Some(schema) => Some(escape::from_parameter(schema)?),
                None => None,
            },
            name: escape::from_parameter(bound.table?)?,
        })
    }
}

/// What the placeholders of a template stand for in a name.
#[derive(Debug, Clone, Copy, Default)]
struct Bound<'a> {
    schema: Option<&'a str>,
    table: Option<&'a str>,
}

/// Matches `parts` against the whole of `text`. A placeholder that is repeated must stand for the same text each
/// time, which a regular expression without back references cannot express.
fn capture<'a>(parts: &[Part], env: &str, text: &'a str, bound: Bound<'a>) -> Option<Bound<'a>> {
    let Some((part, rest)) = parts.split_first() else {
        return text.is_empty().then_some(bound);
    };
    let known = match part {
        Part::Literal(literal) => Some(literal.as_str()),
        Part::Schema => bound.schema,
        Part::Table => bound.table,
        _ => Some(env),
    };
    if let Some(known) = known {
        return capture(rest, env, text.strip_prefix(known)?, bound);
    }
    let end = text.find('/').unwrap_or(text.len());
    (1..=end)
        .filter(|&end| text.is_char_boundary(end))
        .find_map(|end| {
            let (name, after) = text.split_at(end);
            let bound = match part {
                Part::Schema => Bound {
                    schema: Some(name),
                    ..bound
                },
                _ => Bound {
                    table: Some(name),
                    ..bound
                },
            };
            capture(rest, env, after, bound)
        })
}

/// Checks the rules of Parameter Store that apply before any table is known.
fn check_form(text: &str, parts: &[Part]) -> Result<(), TemplateError> {
    let mut longest = 0;
    for part in parts {
        longest += match part {
            Part::Literal(literal) => {
                check_characters(literal)?;
                literal.len()
            }
            Part::Env => LONGEST_ENV,
            _ => LONGEST_NAME,
        };
    }
    let form = |problem| Err(TemplateError::Form { problem });
    if text.contains('/') && !text.starts_with('/') {
        return form("a name with a / in it must start with one");
    }
    if text.contains("//") || text.ends_with('/') {
        return form("there is nothing between two of its slashes, or after the last");
    }
    if text.matches('/').count() > LEVELS {
        return form("it has more than the 15 levels that Parameter Store allows");
    }
    if longest > LONGEST {
        return Err(TemplateError::TooLong { limit: LONGEST });
    }
    if is_reserved(text) {
        return Err(TemplateError::Reserved {
            name: text.to_owned(),
        });
    }
    Ok(())
}

fn check_characters(literal: &str) -> Result<(), TemplateError> {
    let refused = |c: &char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '.' | '-' | '/');
    literal.chars().find(refused).map_or(Ok(()), |character| {
        Err(TemplateError::Character {
            character,
            allowed: ALLOWED,
        })
    })
}

/// Whether Parameter Store reserves `name` for itself, with or without a leading slash.
fn is_reserved(name: &str) -> bool {
    let start: String = name.trim_start_matches('/').chars().take(3).collect();
    start.eq_ignore_ascii_case("aws") || start.eq_ignore_ascii_case("ssm")
}

impl FromStr for ParameterTemplate {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, TemplateError> {
        Self::parse(text)
    }
}

impl fmt::Display for ParameterTemplate {
    /// The template as it was written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn template(text: &str) -> ParameterTemplate {
        ParameterTemplate::parse(text).expect("a template")
    }

    fn refusal(text: &str) -> String {
        ParameterTemplate::parse(text)
            .expect_err("refused")
            .to_string()
    }

    #[test]
    fn a_name_holds_environment_schema_and_table() {
        let template = template("/{env}/{schema}/{table}/timestamp");
        let name = template.render("dev", &TableName::parse("payment"));
        assert_eq!(
            name.expect("a name").as_str(),
            "/dev/public/payment/timestamp"
        );
        assert_eq!(template.to_string(), "/{env}/{schema}/{table}/timestamp");
    }

    #[test]
    fn only_the_template_of_a_single_table_need_not_name_it() {
        let own = ParameterTemplate::of_one_table("{env}_latest_pay").expect("a template");
        let name = own.render("dev", &TableName::parse("payment"));
        assert_eq!(name.expect("a name").as_str(), "dev_latest_pay");
        assert!(ParameterTemplate::parse("{env}_latest_pay").is_err());
        assert!(ParameterTemplate::of_one_table("a/b").is_err());
    }

    #[test]
    fn a_prefix_ends_where_the_tables_differ() {
        assert_eq!(template("/{env}/{table}/t").prefix("dev"), "/dev/");
        assert_eq!(template("{env}_{table}_t").prefix("dev"), "dev_");
        assert_eq!(template("{table}_t").prefix("dev"), "");
    }

    #[test]
    fn a_name_is_matched_from_end_to_end() {
        let flat = template("{env}_{table}_latest_packet_id");
        let table = |name: &str| {
            flat.matches("dev", &ParameterName::new(name))
                .map(|named| named.name)
        };
        assert_eq!(
            table("dev_payment_latest_packet_id").as_deref(),
            Some("payment")
        );
        assert_eq!(
            table("dev_payment_type_latest_packet_id").as_deref(),
            Some("payment_type")
        );
        assert_eq!(table("prod_payment_latest_packet_id"), None);
        assert_eq!(table("dev_payment_latest_packet_id_2"), None);
        assert_eq!(table("x_dev_payment_latest_packet_id"), None);
        assert_eq!(table("dev__latest_packet_id"), None);
        assert_eq!(table("dev_a/b_latest_packet_id"), None);
    }

    #[test]
    fn a_placeholder_that_occurs_twice_stands_for_the_same_table() {
        let twice = template("/{table}/{table}_timestamp");
        let named = |name: &str| twice.matches("dev", &ParameterName::new(name));
        assert!(named("/payment/payment_timestamp").is_some());
        assert_eq!(named("/payment/payment_type_timestamp"), None);
    }

    #[test]
    fn a_name_without_schema_can_be_of_any_schema() {
        let named = template("/x/{table}")
            .matches("dev", &ParameterName::new("/x/payment"))
            .expect("a match");
        assert_eq!(named.schema, None);
        assert!(named.is(&TableName::parse("sales.payment")));
        assert!(!named.is(&TableName::parse("sales.payment_type")));
    }

    #[test]
    fn each_mistake_is_said() {
        insta::assert_snapshot!(refusal("/x/{tabel}"), @"there is no placeholder {tabel} here; there is {env}, {schema}, {table}");
        insta::assert_snapshot!(refusal("/x/{seq}/{table}"), @"there is no placeholder {seq} here; there is {env}, {schema}, {table}");
        insta::assert_snapshot!(refusal("/x/{table"), @"a brace is unmatched; a placeholder looks like {table}");
        insta::assert_snapshot!(refusal("/x/table}"), @"a brace is unmatched; a placeholder looks like {table}");
        insta::assert_snapshot!(refusal("/x/{{table}}"), @"a brace is unmatched; a placeholder looks like {table}");
        insta::assert_snapshot!(refusal("/x/{env}"), @"it lacks {table}: every table's parameter would be the same");
        insta::assert_snapshot!(refusal(""), @"it lacks {table}: every table's parameter would be the same");
        insta::assert_snapshot!(refusal("/x/{schema}{table}"), @"{schema} and {table} need a character between them that is not a placeholder, or two tables could share a name");
        insta::assert_snapshot!(refusal("/x y/{table}"), @"' ' is not allowed in it; Parameter Store allows letters, digits and _ . - /");
        insta::assert_snapshot!(refusal("x/{table}"), @"a name with a / in it must start with one");
        insta::assert_snapshot!(refusal("/x//{table}"), @"there is nothing between two of its slashes, or after the last");
        insta::assert_snapshot!(refusal("/x/{table}/"), @"there is nothing between two of its slashes, or after the last");
        insta::assert_snapshot!(refusal("/AWS/{table}"), @r#""/AWS/{table}" starts with "aws" or "ssm", which Parameter Store reserves for itself"#);
        insta::assert_snapshot!(refusal("ssmx-{table}"), @r#""ssmx-{table}" starts with "aws" or "ssm", which Parameter Store reserves for itself"#);
        insta::assert_snapshot!(refusal(&format!("{}/{{table}}", "/a".repeat(15))), @"it has more than the 15 levels that Parameter Store allows");
        insta::assert_snapshot!(refusal(&format!("/{}/{{table}}", "a".repeat(900))), @"it can become longer than the 1011 bytes that the store allows");
    }

    #[test]
    fn a_table_that_makes_a_reserved_name_is_refused() {
        let error = template("/{table}/timestamp").render("dev", &TableName::parse("aws_cost"));
        assert!(matches!(error, Err(TemplateError::Reserved { .. })));
    }

    /// Mostly common characters of names, sometimes any at all.
    const NAME: &str = "[a-z_]{1,8}|[a-c_]{1,4}|\\PC{1,6}";

    proptest! {
        #[test]
        fn what_was_rendered_is_matched_as_the_same_table(schema in NAME, name in NAME) {
            let table = TableName::new(schema, name);
            for text in ["/h/{table}/timestamp", "{env}_{table}_latest", "/{schema}/{table}/x", "/h/{table}-{table}"] {
                let template = template(text);
                let Ok(rendered) = template.render("dev", &table) else { continue };
                let named = template.matches("dev", &rendered).expect("its own name");
                prop_assert!(named.is(&table), "{} gave {:?}", rendered, named);
            }
        }

        #[test]
        fn two_tables_never_share_a_name(schema in NAME, a in NAME, b in NAME) {
            prop_assume!(a != b);
            let template = template("/h{schema}/{table}_id");
            let render = |name: String| template.render("dev", &TableName::new(&*schema, name));
            prop_assert_ne!(render(a).expect("a name"), render(b).expect("a name"));
        }
    }
}
