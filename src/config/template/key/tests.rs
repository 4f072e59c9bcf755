use super::*;
use proptest::prelude::*;

const DEFAULT: &str = "{table}/{table}_{seq:08}.jsonl";
const CLOCK: &str = "{date}/{table}_{seq:08}_{time}.jsonl";

fn template(text: &str) -> KeyTemplate {
    KeyTemplate::parse(text).expect("a template")
}

fn refusal(text: &str) -> String {
    KeyTemplate::parse(text).expect_err("refused").to_string()
}

fn noon() -> DateTime<Utc> {
    "2024-05-16T10:50:30.9Z".parse().expect("a time")
}

fn payment() -> TableName {
    TableName::parse("payment")
}

fn number(text: &str, table: &str, key: &str) -> Option<u64> {
    template(text)
        .matches("dev", &TableName::parse(table), &ObjectKey::new(key))
        .map(|id| id.0)
}

#[test]
fn only_padded_numbers_are_in_the_order_of_their_keys() {
    let payment = TableName::parse("payment");
    let key = |template: &str, most| {
        let template = KeyTemplate::parse(template).expect("a template");
        let key = template.in_order("dev", &payment, SequenceId(41), SequenceId(most));
        key.map(|key| key.to_string())
    };
    let expected = Some("payment/payment_0041.jsonl".to_owned());
    assert_eq!(key("{table}/{table}_{seq:04}.jsonl", 9_999), expected);
    assert_eq!(key("{table}/{table}_{seq:04}.jsonl", 10_000), None);
    assert_eq!(key("{table}/{table}_{seq}.jsonl", 99), None);
    assert_eq!(key("{table}/{date}_{seq:04}.jsonl", 99), None);
}

#[test]
fn a_key_holds_table_and_number() {
    let render = |text, id| {
        template(text)
            .render("dev", &payment(), SequenceId(id), noon())
            .to_string()
    };
    assert_eq!(render(DEFAULT, 101), "payment/payment_00000101.jsonl");
    assert_eq!(
        render(DEFAULT, 1_234_567_890),
        "payment/payment_1234567890.jsonl"
    );
    assert_eq!(
        render("{env}/{schema}/{table}/{seq}", 7),
        "dev/public/payment/7"
    );
    assert_eq!(
        render(CLOCK, 101),
        "2024-05-16/payment_00000101_10-50-30.jsonl"
    );
}

#[test]
fn the_packet_id_is_second_to_last_in_a_key_named_after_the_clock() {
    let table = TableName::parse("sales_order");
    let key = template(CLOCK).render("dev", &table, SequenceId(101), noon());
    assert_eq!(key.as_str().rsplit('_').nth(1), Some("00000101"));
}

#[test]
fn a_key_is_matched_from_end_to_end() {
    let own = "payment/payment_00000101.jsonl";
    assert_eq!(number(DEFAULT, "payment", own), Some(101));
    for other in [
        "payment/payment_00000101.jsonl.gz",
        "x/payment/payment_00000101.jsonl",
        "payment_type/payment_type_00000101.jsonl",
        "payment/payment_101.jsonl",
        "payment/payment_000000101.jsonl",
        "payment/payment_.jsonl",
        "payment/payment_+0000101.jsonl",
        "payment/payment_99999999999999999999999.jsonl",
        "",
    ] {
        assert_eq!(number(DEFAULT, "payment", other), None, "{other}");
    }
}

#[test]
fn a_time_is_matched_as_other_writers_spell_it() {
    for time in [
        "10-50-30",
        "10:50:30",
        "105030",
        "10:50:30.123456",
        "10-50-30.5",
    ] {
        let key = format!("2024-05-16/payment_00000101_{time}.jsonl");
        assert_eq!(number(CLOCK, "payment", &key), Some(101), "{key}");
    }
    for time in ["", "10-50", "10-50:30", "10-50-30.", "10-50-3x"] {
        let key = format!("2024-05-16/payment_00000101_{time}.jsonl");
        assert_eq!(number(CLOCK, "payment", &key), None, "{key}");
    }
    // Both the fraction and the rest of the template may begin with a dot and a digit.
    assert_eq!(
        number("{table}_{seq}_{time}.7z", "a", "a_1_10-50-30.7z"),
        Some(1)
    );
}

#[test]
fn prefixes_hold_what_is_known() {
    let day = noon().date_naive();
    let of = |text| {
        let template = template(text);
        (
            template.prefix("dev", &payment()),
            template.prefix_of_number("dev", &payment(), SequenceId(5), day),
        )
    };
    assert_eq!(
        of(DEFAULT),
        (
            "payment/payment_".into(),
            "payment/payment_00000005.jsonl".into()
        )
    );
    assert_eq!(
        of(CLOCK),
        (String::new(), "2024-05-16/payment_00000005_".into())
    );
    assert!(template(CLOCK).is_dated());
    assert!(!template(DEFAULT).is_dated());
}

#[test]
fn a_suffix_is_added_once() {
    let gz = template(DEFAULT).with_suffix(".gz");
    assert_eq!(gz.to_string(), "{table}/{table}_{seq:08}.jsonl.gz");
    assert_eq!(gz.with_suffix(".gz"), gz);
    let key = gz.render("dev", &payment(), SequenceId(1), noon());
    assert_eq!(gz.matches("dev", &payment(), &key), Some(SequenceId(1)));
    assert_eq!(template(DEFAULT).matches("dev", &payment(), &key), None);
}

#[test]
fn a_table_cannot_climb_out_of_its_folder() {
    let key = template("{schema}/{table}/{seq}").render(
        "dev",
        &TableName::new("..", "a/../b"),
        SequenceId(1),
        noon(),
    );
    assert_eq!(key.as_str(), "%2E%2E/a%2F..%2Fb/1");
}

#[test]
fn each_mistake_is_said() {
    insta::assert_snapshot!(refusal("{table}/{number}"), @"there is no placeholder {number} here; there is {env}, {schema}, {table}, {seq}, {date}, {time}");
    insta::assert_snapshot!(refusal("{table:08}/{seq}"), @"there is no placeholder {table:08} here; there is {env}, {schema}, {table}, {seq}, {date}, {time}");
    insta::assert_snapshot!(refusal("{table}/{seq:x}"), @"{seq:x} is not possible: the width is a number of digits from 1 to 20");
    insta::assert_snapshot!(refusal("{table}/{seq:+8}"), @"{seq:+8} is not possible: the width is a number of digits from 1 to 20");
    insta::assert_snapshot!(refusal("{table}/{seq:21}"), @"{seq:21} is not possible: the width is a number of digits from 1 to 20");
    insta::assert_snapshot!(refusal("{table}/x"), @"it lacks {seq}: every object's key would be the same");
    insta::assert_snapshot!(refusal("x/{seq}"), @"it lacks {table}: every table's key would be the same");
    insta::assert_snapshot!(refusal("{table}/{seq}/{seq}"), @"{seq} is in it twice");
    insta::assert_snapshot!(refusal("{table}{seq}"), @"{seq} needs a character before and after it that is neither a digit nor a placeholder, or the two run together");
    insta::assert_snapshot!(refusal("{table}_1{seq}"), @"{seq} needs a character before and after it that is neither a digit nor a placeholder, or the two run together");
    insta::assert_snapshot!(refusal("{table}_{seq}{date}"), @"{seq} needs a character before and after it that is neither a digit nor a placeholder, or the two run together");
    insta::assert_snapshot!(refusal("{schema}_{seq}_{table}"), @"{schema} and {table} need a character between them that is not a placeholder, or two tables could share a name");
    insta::assert_snapshot!(refusal("/{table}/{seq}"), @"a key does not start with a /");
    insta::assert_snapshot!(refusal("{table}//{seq}"), @"there is nothing between two of its slashes, or after the last");
    insta::assert_snapshot!(refusal("{table}/{seq}/"), @"there is nothing between two of its slashes, or after the last");
    insta::assert_snapshot!(refusal("{table}/../{seq}"), @"a part of it is . or .., which is not a name");
    insta::assert_snapshot!(refusal("{table}\\{seq}"), @r"'\\' is not allowed in it; a key is printable text, its parts separated by /");
    insta::assert_snapshot!(refusal("_highwater/{table}/{seq}"), @"_highwater/ is kept for highwater's own objects");
    insta::assert_snapshot!(refusal(&format!("{}{{table}}/{{seq}}", "a".repeat(900))), @"it can become longer than the 1024 bytes that the store allows");
}

/// Names that are prefixes of each other, or contain digits and separators, or anything at all.
const NAME: &str = "[a-c_0-9]{1,5}|[a-z_]{1,8}|\\PC{1,6}|\\.{1,3}";
const TEMPLATES: [&str; 6] = [
    DEFAULT,
    CLOCK,
    "{env}/{schema}/{table}/{seq}",
    "{seq:03}_{table}.json",
    "{date}{time}/{table}{date}-{seq}.{time}",
    "{schema}/x{table}-{table}_{seq:04}",
];

proptest! {
    #[test]
    fn what_was_rendered_is_matched(name in NAME, id in 0..=SequenceId::GREATEST.0, seconds in 0_i64..4_000_000_000) {
        let table = TableName::new("public", name);
        let at = DateTime::from_timestamp(seconds, 0).expect("a time");
        for text in TEMPLATES {
            let template = template(text);
            for id in [id, id % 1000] {
                let key = template.render("dev", &table, SequenceId(id), at);
                prop_assert_eq!(template.matches("dev", &table, &key), Some(SequenceId(id)), "{}", key);
                prop_assert!(key.as_str().starts_with(&template.prefix("dev", &table)));
                let of_number = template.prefix_of_number("dev", &table, SequenceId(id), at.date_naive());
                prop_assert!(key.as_str().starts_with(&of_number));
            }
        }
    }

    #[test]
    fn a_key_never_belongs_to_another_table(a in NAME, b in NAME, id in 0_u64..2000) {
        prop_assume!(a != b);
        for text in TEMPLATES {
            let template = template(text);
            let key = template.render("dev", &TableName::new("public", &*a), SequenceId(id), noon());
            let other = TableName::new("public", &*b);
            prop_assert_eq!(template.matches("dev", &other, &key), None, "{}", key);
        }
    }
}

proptest! {
    #[test]
    fn tables_have_a_key_in_common_if_one_has_a_key_of_the_other(
        a in "[a12_]{1,4}", b in "[a12_]{1,4}", one in 0_usize..6, other in 0_usize..6, id in 0_u64..2000,
    ) {
        const ALIKE: [&str; 6] = [
            "{table}_{seq}", "{table}_{seq:02}_1", "a_{seq:03}_{table}", "1{table}_{seq:04}", "{table}_{date}_{seq}", "{table}_{seq}_{time}",
        ];
        prop_assume!(a != b);
        let (one, other) = (template(ALIKE[one]), template(ALIKE[other]));
        let (a, b) = (TableName::new("public", a), TableName::new("public", b));
        let key = one.render("dev", &a, SequenceId(id), noon());
        let common = one.common_key("dev", &a, (&other, &b));
        prop_assert_eq!(common.is_some(), other.common_key("dev", &b, (&one, &a)).is_some());
        if other.matches("dev", &b, &key).is_some() {
            prop_assert!(common.is_some(), "{}", key);
        }
        if let Some(common) = common {
            let common = ObjectKey::new(common);
            prop_assert!(one.matches("dev", &a, &common).is_some(), "{}", common);
            prop_assert!(other.matches("dev", &b, &common).is_some(), "{}", common);
        }
    }
}

#[test]
fn the_keys_of_a_day_start_alike_where_the_day_comes_before_the_number() {
    let day = NaiveDate::from_ymd_opt(2024, 5, 16).expect("a day");
    for (template, expected) in [
        (
            "{date}/{table}_{seq:08}_{time}.jsonl",
            Some("2024-05-16/payment_"),
        ),
        ("{table}/{date}/{seq}.jsonl", Some("payment/2024-05-16/")),
        ("{table}/{seq}_{date}.jsonl", None),
        ("{table}/{table}_{seq:08}.jsonl", None),
    ] {
        let parsed = KeyTemplate::parse(template).expect(template);
        let prefix = parsed.prefix_of_day("dev", &payment(), day);
        assert_eq!(prefix.as_deref(), expected, "{template}");
    }
}
