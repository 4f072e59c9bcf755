//! Settings of single tables, and the names of their parameters and objects.

use std::collections::HashMap;

use chrono::DateTime;

use super::template::{KeyTemplate, ParameterTemplate, TemplateError};
use super::{ConfigError, Mode, Profile, TableConfig};
use crate::vocabulary::{ParameterName, SequenceId, TableName, watermark::Spelling};

static AS_THE_PROFILE_SAYS: TableConfig = TableConfig {
    mode: Mode::Incremental,
    timestamp_columns: None,
    timestamp: None,
    sequence_id: None,
    key: None,
    skip: false,
};

const TIMESTAMP: &str = "parameters.timestamp";
const SEQUENCE_ID: &str = "parameters.sequence_id";

impl Profile {
    /// The spelling of the profile's timestamps.
    #[must_use]
    pub fn spelling(&self) -> Spelling {
        Spelling {
            format: self.parameters.timestamp_format.clone(),
            timezone: self.source.timezone,
        }
    }

    /// The settings that are particular to `table`.
    #[must_use]
    pub fn table_config(&self, table: &TableName) -> &TableConfig {
        self.tables
            .get(&table.qualified())
            .unwrap_or(&AS_THE_PROFILE_SAYS)
    }

    /// Whether the profile selects `table`: its globs match, and it is not skipped.
    #[must_use]
    pub fn selects(&self, table: &TableName) -> bool {
        self.selection.selects(table)
    }

    /// The columns whose greatest value is a row's timestamp.
    #[must_use]
    pub fn timestamp_columns(&self, table: &TableName) -> &[String] {
        self.table_config(table)
            .timestamp_columns
            .as_ref()
            .unwrap_or(&self.source.timestamp_columns)
    }

    /// The template for the keys of `table`, including the suffix of the compression.
    #[must_use]
    pub fn key_template(&self, table: &TableName) -> &KeyTemplate {
        self.named_key_template(table).1
    }

    /// The name of the parameter that holds the watermark of `table`.
    ///
    /// # Errors
    /// [`ConfigError::Unnamable`] if Parameter Store would refuse the name.
    pub fn timestamp_parameter(&self, table: &TableName) -> Result<ParameterName, ConfigError> {
        self.parameter(self.timestamp_template(table), table)
    }

    /// The name of the parameter that holds the sequence id of `table`.
    ///
    /// # Errors
    /// [`ConfigError::Unnamable`] if Parameter Store would refuse the name.
    pub fn sequence_parameter(&self, table: &TableName) -> Result<ParameterName, ConfigError> {
        self.parameter(self.sequence_template(table), table)
    }

    /// Checks that no two of `tables` share the name of a parameter or the key of an object, and that none look the
    /// same when shown. Has to be called with the tables that are actually selected, before anything is written.
    ///
    /// # Errors
    /// [`ConfigError::SharedName`] or [`ConfigError::ShownAlike`] for the first two such tables,
    /// [`ConfigError::Unnamable`] for a table that has no valid name.
    pub fn check_names(&self, tables: &[TableName]) -> Result<(), ConfigError> {
        self.check_shown(tables)?;
        self.check_parameters(tables)?;
        self.check_keys(tables)
    }

    /// The setting and the template that name the watermark of `table`.
    fn timestamp_template(&self, table: &TableName) -> (&'static str, &ParameterTemplate) {
        match &self.table_config(table).timestamp {
            Some(own) => ("timestamp", own),
            None => (TIMESTAMP, &self.parameters.timestamp),
        }
    }

    /// The setting and the template that name the sequence id of `table`.
    fn sequence_template(&self, table: &TableName) -> (&'static str, &ParameterTemplate) {
        match &self.table_config(table).sequence_id {
            Some(own) => ("sequence_id", own),
            None => (SEQUENCE_ID, &self.parameters.sequence_id),
        }
    }

    fn parameter(
        &self,
        (setting, template): (&'static str, &ParameterTemplate),
        table: &TableName,
    ) -> Result<ParameterName, ConfigError> {
        template
            .render(&self.env, table)
            .map_err(|cause| self.unnamable(setting, template, table, cause))
    }

    /// A table `s.t` in schema `public` is shown like table `t` in schema `s`: nobody could tell which of them is
    /// meant, and both would use the same claims.
    fn check_shown(&self, tables: &[TableName]) -> Result<(), ConfigError> {
        let mut shown: HashMap<String, &TableName> = HashMap::new();
        for table in tables {
            if let Some(other) = shown.insert(table.to_string(), table) {
                return Err(ConfigError::ShownAlike {
                    profile: self.name.clone(),
                    tables: Box::new([other.quoted(), table.quoted()]),
                });
            }
        }
        Ok(())
    }

    /// Both parameters of all tables share one namespace.
    fn check_parameters(&self, tables: &[TableName]) -> Result<(), ConfigError> {
        let mut owners: HashMap<ParameterName, &TableName> = HashMap::new();
        for table in tables {
            for named_by in [
                self.timestamp_template(table),
                self.sequence_template(table),
            ] {
                let (setting, template) = named_by;
                let name = self.parameter(named_by, table)?;
                if let Some(owner) = owners.insert(name.clone(), table) {
                    let name = name.to_string();
                    return Err(self.shared(setting, template, [owner, table], name));
                }
            }
        }
        Ok(())
    }

    /// Under one template, two tables share either all their keys or none (the rules for templates ensure that), so
    /// checking one number is enough. The template of a single table is held against those of all others.
    fn check_keys(&self, tables: &[TableName]) -> Result<(), ConfigError> {
        let mut owners: HashMap<String, &TableName> = HashMap::new();
        for table in tables {
            let (setting, template) = self.named_key_template(table);
            let reserved = template.check_reserved(&self.env, table);
            reserved.map_err(|cause| self.unnamable(setting, template, table, cause))?;
            let key = template.render(&self.env, table, SequenceId::FIRST, DateTime::UNIX_EPOCH);
            let key = key.to_string();
            if let Some(owner) = owners.insert(key.clone(), table) {
                return Err(self.shared("objects.key", template, [owner, table], key));
            }
        }
        for special in tables {
            let Some(template) = &self.table_config(special).key else {
                continue;
            };
            for other in tables.iter().filter(|&other| other != special) {
                let theirs = (self.key_template(other), other);
                if let Some(key) = template.common_key(&self.env, special, theirs) {
                    return Err(self.shared("key", template, [special, other], key));
                }
            }
        }
        Ok(())
    }

    /// The setting and the template that name the objects of `table`.
    fn named_key_template(&self, table: &TableName) -> (&'static str, &KeyTemplate) {
        match &self.table_config(table).key {
            Some(own) => ("key", own),
            None => ("objects.key", &self.objects.key),
        }
    }

    fn unnamable(
        &self,
        setting: &'static str,
        template: &dyn std::fmt::Display,
        table: &TableName,
        cause: TemplateError,
    ) -> ConfigError {
        ConfigError::Unnamable {
            profile: self.name.clone(),
            setting,
            template: template.to_string(),
            table: Box::new(table.clone()),
            cause,
        }
    }

    fn shared(
        &self,
        setting: &'static str,
        template: &dyn std::fmt::Display,
        [first, second]: [&TableName; 2],
        name: String,
    ) -> ConfigError {
        ConfigError::SharedName {
            profile: self.name.clone(),
            setting,
            template: template.to_string(),
            tables: Box::new([first.clone(), second.clone()]),
            name,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn profile(timestamp: &str, key: &str) -> Profile {
        let mut profile = Profile::demo("postgres://", Path::new("/demo"));
        profile.parameters.timestamp = ParameterTemplate::parse(timestamp).expect("a template");
        profile.objects.key = KeyTemplate::parse(key).expect("a template");
        profile
    }

    fn with_key(mut profile: Profile, table: &str, key: &str) -> Profile {
        let config = TableConfig {
            key: Some(KeyTemplate::parse(key).expect("a template")),
            ..TableConfig::default()
        };
        profile.tables.insert(table.to_owned(), config);
        profile
    }

    fn complaint(profile: &Profile, tables: &[&str]) -> String {
        let tables: Vec<TableName> = tables.iter().map(|t| TableName::parse(t)).collect();
        match profile.check_names(&tables) {
            Ok(()) => "fine".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    const NAME: &str = "/h/{table}/timestamp";
    const KEY: &str = "{table}/{table}_{seq:08}.jsonl";

    #[test]
    fn tables_that_are_shown_alike_are_refused() {
        let tables = [
            TableName::new("s2", "ev"),
            TableName::new("public", "s2.ev"),
        ];
        let error = profile(NAME, "{schema}/{table}/{seq}")
            .check_names(&tables)
            .expect_err("one name");
        let text = error.to_string();
        assert!(text.contains(r#""s2"."ev" and "public"."s2.ev""#), "{text}");
    }

    #[test]
    fn a_table_is_named_by_the_profile_unless_it_says_otherwise() {
        let profile = with_key(profile(NAME, KEY), "sales.payment", "sales/{table}/{seq}");
        let key = |table: &str| profile.key_template(&TableName::parse(table)).to_string();
        assert_eq!(key("sales.payment"), "sales/{table}/{seq}");
        assert_eq!(key("payment"), KEY);
        let payment = TableName::parse("payment");
        assert_eq!(profile.timestamp_columns(&payment), ["last_updated"]);
        assert_eq!(profile.table_config(&payment).mode, Mode::Incremental);
        let name = |name: Result<ParameterName, _>| name.map(|n| n.to_string()).ok();
        assert_eq!(
            name(profile.timestamp_parameter(&payment)).as_deref(),
            Some("/h/payment/timestamp")
        );
        assert_eq!(
            name(profile.sequence_parameter(&payment)).as_deref(),
            Some("/highwater/payment/sequence_id")
        );
    }

    #[test]
    fn a_single_table_may_call_its_parameters_otherwise_but_not_as_another_does() {
        let mut profile = profile(NAME, KEY);
        let own = |text| ParameterTemplate::of_one_table(text).ok();
        let odd = TableConfig {
            timestamp: own("/old/pay_ts"),
            sequence_id: own("/h/staff/timestamp"),
            ..TableConfig::default()
        };
        profile.tables.insert("public.payment".to_owned(), odd);
        let payment = TableName::parse("payment");
        let name = profile.timestamp_parameter(&payment).expect("a name");
        assert_eq!(name.as_str(), "/old/pay_ts");
        assert_eq!(complaint(&profile, &["payment", "design"]), "fine");
        insta::assert_snapshot!(complaint(&profile, &["payment", "staff"]), @r#"profile demo: under parameters.timestamp = "/h/{table}/timestamp" payment and staff would share the name /h/staff/timestamp; let their templates differ, or leave one of them out with source.exclude"#);
    }

    #[test]
    fn tables_that_share_a_name_are_named() {
        let both = ["payment", "sales.payment"];
        insta::assert_snapshot!(complaint(&profile(NAME, KEY), &both), @r#"profile demo: under parameters.timestamp = "/h/{table}/timestamp" payment and sales.payment would share the name /h/payment/timestamp; put {schema} into the template, or leave one of them out with source.exclude"#);
        let mut named = profile("/h/{schema}/{table}/timestamp", KEY);
        named.parameters.sequence_id =
            ParameterTemplate::parse("/h/{schema}/{table}/id").expect("a template");
        insta::assert_snapshot!(complaint(&named, &both), @r#"profile demo: under objects.key = "{table}/{table}_{seq:08}.jsonl" payment and sales.payment would share the name payment/payment_00000001.jsonl; put {schema} into the template, or leave one of them out with source.exclude"#);
        let mut run_together = named.clone();
        run_together.parameters.timestamp =
            ParameterTemplate::parse("/h/{schema}_{table}/t").expect("a template");
        insta::assert_snapshot!(complaint(&run_together, &["a.b_c", "a_b.c"]), @r#"profile demo: under parameters.timestamp = "/h/{schema}_{table}/t" a.b_c and a_b.c would share the name /h/a_b_c/t; put something that is in neither name, such as a slash, between {schema} and {table}, or leave one of them out with source.exclude"#);
        let apart = with_key(named, "sales.payment", "{schema}/{table}_{seq}");
        assert_eq!(complaint(&apart, &both), "fine");
        assert_eq!(
            complaint(&profile(NAME, KEY), &["payment", "payment_type"]),
            "fine"
        );
    }

    #[test]
    fn keys_that_only_meet_at_large_numbers_are_found() {
        let mut profile = profile("/h/{schema}/{table}/t", "{schema}/{table}_{seq:08}");
        profile.parameters.sequence_id =
            ParameterTemplate::parse("/h/{schema}/{table}/id").expect("a template");
        let profile = with_key(profile, "sales.payment", "public/{table}_{seq:04}");
        insta::assert_snapshot!(complaint(&profile, &["payment", "sales.payment"]), @r#"profile demo: under key = "public/{table}_{seq:04}" sales.payment and payment would share the name public/payment_11111111; put {schema} into the template, or leave one of them out with source.exclude"#);
    }

    #[test]
    fn keys_that_only_meet_at_different_numbers_are_found() {
        let profile = profile(NAME, "{table}_{seq}.jsonl");
        let apart = with_key(profile.clone(), "public.a", "{table}_{seq}_x.jsonl");
        assert_eq!(complaint(&apart, &["a", "a_2024"]), "fine");
        // Object 2024 of one, and object 5 of the other.
        let profile = with_key(profile, "public.a", "{table}_{seq}_5.jsonl");
        assert_eq!(complaint(&profile, &["a", "b_2024"]), "fine");
        insta::assert_snapshot!(complaint(&profile, &["a", "a_2024"]), @r#"profile demo: under key = "{table}_{seq}_5.jsonl" a and a_2024 would share the name a_2024_5.jsonl; let their templates differ, or leave one of them out with source.exclude"#);
    }

    #[test]
    fn no_table_is_written_where_highwater_keeps_its_own_objects() {
        insta::assert_snapshot!(complaint(&profile(NAME, KEY), &["_highwater"]), @r#"profile demo: objects.key = "{table}/{table}_{seq:08}.jsonl" gives no valid name for _highwater: _highwater/ is kept for highwater's own objects; put another folder before it, or leave the table out with source.exclude"#);
        let schema = profile(NAME, "{schema}/{table}_{seq}");
        insta::assert_snapshot!(complaint(&schema, &["_highwater.claims"]), @r#"profile demo: objects.key = "{schema}/{table}_{seq}" gives no valid name for _highwater.claims: _highwater/ is kept for highwater's own objects; put another folder before it, or leave the table out with source.exclude"#);
        assert_eq!(complaint(&schema, &["_highwater"]), "fine");
        let mut env = with_key(schema, "public.payment", "{env}/{table}/{seq}");
        env.env = "_highwater".to_owned();
        insta::assert_snapshot!(complaint(&env, &["payment"]), @r#"profile demo: key = "{env}/{table}/{seq}" gives no valid name for payment: _highwater/ is kept for highwater's own objects; put another folder before it, or leave the table out with source.exclude"#);
    }

    #[test]
    fn the_two_parameters_of_one_table_must_differ() {
        let profile = profile("/highwater/{table}/sequence_id", KEY);
        insta::assert_snapshot!(complaint(&profile, &["payment"]), @r#"profile demo: under parameters.sequence_id = "/highwater/{table}/sequence_id" the timestamp and the sequence id of payment would share the name /highwater/payment/sequence_id; let the two templates differ"#);
    }

    #[test]
    fn a_table_without_a_possible_name_is_refused() {
        let profile = profile("/{table}/timestamp", KEY);
        let error = profile
            .timestamp_parameter(&TableName::parse("aws_cost"))
            .expect_err("refused");
        insta::assert_snapshot!(error, @r#"profile demo: parameters.timestamp = "/{table}/timestamp" gives no valid name for aws_cost: "/aws_cost/timestamp" starts with "aws" or "ssm", which Parameter Store reserves for itself"#);
    }

    #[test]
    fn ten_thousand_tables_are_checked_at_once() {
        let tables: Vec<TableName> = (0..10_000)
            .map(|i| TableName::new("public", format!("t{i}")))
            .collect();
        assert!(profile(NAME, KEY).check_names(&tables).is_ok());
    }
}
