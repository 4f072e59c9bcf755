use insta::assert_snapshot;

use super::support::*;
use crate::backend::journal::{Found, JournalEntry, SearchWord};
use crate::jobs::{Output, Request, Update};

#[test]
fn the_journal_is_listed_filtered_and_looked_into() {
    let mut console = Console::filled((80, 24));
    console.press("L");
    let asked = console.last();
    let entry = |table_name: &str, action: &str, reason: &str| JournalEntry {
        at: at("2026-05-16T12:00:00Z"),
        who: "ada".to_owned(),
        profile: "prod".to_owned(),
        table: table(table_name),
        action: action.to_owned(),
        what: format!("/highwater/{table_name}/sequence_id"),
        before: Some("101".to_owned()),
        after: "102".to_owned(),
        reason: reason.to_owned(),
    };
    let entries = vec![
        entry("payment", "ingest", "run 3f2a"),
        entry("staff", "edit", "late corrections from finance"),
    ];
    console.done(&asked, Output::Journal(entries));
    assert_snapshot!("journal_80x24", console.frame());
    console.press("/finance<enter>");
    assert!(console.shows("Journal 1 of 2   finance"));
    console.press("<enter>");
    assert!(console.shows("late corrections from finance"));
    assert_snapshot!("journal_details_80x24", console.frame());
}

#[test]
fn the_journal_names_the_profile_of_what_was_made_in_another() {
    let entries = ["prod", "dev"].map(|profile| JournalEntry {
        at: at("2026-05-16T12:00:00Z"),
        who: "ada".to_owned(),
        profile: profile.to_owned(),
        table: table("payment"),
        action: "edit".to_owned(),
        what: "/highwater/payment/sequence_id".to_owned(),
        before: Some("101".to_owned()),
        after: "102".to_owned(),
        reason: "late".to_owned(),
    });
    for (size, shown) in [
        ((120, 24), "2026-05-16 12:00  dev      ada  payment  edit"),
        ((80, 24), "2026-05-16 12:00  dev      ada  payment  edit"),
        ((60, 24), "2 h     dev      payment  edit    seq 102"),
        ((40, 12), "2 h     payment  dev: seq 102"),
    ] {
        let mut console = Console::filled(size);
        console.press("L");
        let asked = console.last();
        console.done(&asked, Output::Journal(entries.to_vec()));
        assert!(console.shows(shown), "{}", console.frame());
        console.press("/profile:prod<enter>");
        assert!(console.shows("Journal 1 of 2"), "{}", console.frame());
        assert!(!console.shows("PROFILE") && !console.shows("dev"));
        console.press("/<ctrl-u>DEV<enter>");
        assert!(console.shows("Journal 1 of 2"), "{}", console.frame());
    }
}

#[test]
fn an_edit_of_the_journal_is_gone_back_to_through_the_form() {
    let mut console = Console::filled((80, 24));
    console.press("L");
    let asked = console.last();
    let entry = |profile: &str, action: &str, before: Option<&str>| JournalEntry {
        at: at("2026-05-16T12:00:00Z"),
        who: "ada".to_owned(),
        profile: profile.to_owned(),
        table: table("staff"),
        action: action.to_owned(),
        what: "/highwater/staff/timestamp".to_owned(),
        before: before.map(str::to_owned),
        after: "2026-05-14T09:00:00.000000Z".to_owned(),
        reason: "late corrections".to_owned(),
    };
    let before = Some("2026-05-16T00:00:00.000000Z");
    let entries = vec![
        entry("prod", "ingest", before),
        entry("dev", "edit", before),
        entry("prod", "edit", None),
        entry("prod", "edit", before),
    ];
    console.done(&asked, Output::Journal(entries));
    for refused in [
        "only an edit or a repair can be taken back",
        "it was made in profile dev",
        "there was no value before it",
    ] {
        console.press("u");
        assert!(console.shows(refused), "{}", console.frame());
        console.press("j");
    }
    console.press("u");
    let Some(crate::console::model::Screen::Edit(form)) = console.model.stack.last() else {
        panic!("no form\n{}", console.frame());
    };
    assert_eq!(form.timestamp.value(), "2026-05-16T00:00:00.000000Z");
    assert_eq!(form.reason.value(), "revert: late corrections");
    console.wait(0.3);
    let Request::PlanEdit(edit) = console.last().request else {
        panic!("not planned");
    };
    assert_eq!(edit.timestamp, Some(at("2026-05-16T00:00:00Z")));
}

#[test]
fn the_journal_tells_its_range_and_why_it_is_empty_and_esc_clears_its_filter() {
    let mut console = Console::filled((80, 24));
    console.press("L");
    let asked = console.last();
    console.done(&asked, Output::Journal(Vec::new()));
    assert!(console.shows("no change has been made from this machine"));
    console.press("R");
    let asked = console.last();
    let entries = (0..34).map(|number| JournalEntry {
        at: at("2026-05-16T12:00:00Z"),
        who: "ada".to_owned(),
        profile: "prod".to_owned(),
        table: table(if number < 25 { "payment" } else { "staff" }),
        action: "edit".to_owned(),
        what: "/highwater/sequence_id".to_owned(),
        before: Some(number.to_string()),
        after: (number + 1).to_string(),
        reason: "late".to_owned(),
    });
    console.done(&asked, Output::Journal(entries.collect()));
    assert!(console.shows(" Journal 1–19 of 34"), "{}", console.frame());
    console.press("G");
    assert!(console.shows(" Journal 16–34 of 34"), "{}", console.frame());
    console.press("/payment<enter>g");
    assert!(
        console.shows(" Journal 25 of 34   1–19   payment"),
        "{}",
        console.frame()
    );
    console.press("/<ctrl-u>nowhere<enter>");
    assert!(
        console.shows(" Journal 0 of 34   nowhere"),
        "{}",
        console.frame()
    );
    assert!(console.shows("no change matches the filter; Esc clears it"));
    console.press("<esc>");
    assert!(console.shows(" Journal 1–19 of 34"), "{}", console.frame());
    console.press("<esc>");
    assert!(console.model.stack.is_empty());
}

#[test]
fn the_journal_shows_what_was_written_while_it_is_open() {
    let mut console = Console::filled((80, 24));
    console.press("ji");
    let asked = console.last();
    let plan = super::ingesting::plan("payment", 7);
    let plans = vec![(table("payment"), Ok(plan))];
    console.done(&asked, Output::IngestPlans(plans));
    console.press("yL");
    let asked = console.last();
    let entry = |minute: u32| JournalEntry {
        at: at(&format!("2026-05-16T12:{minute:02}:00Z")),
        who: "ada".to_owned(),
        profile: "prod".to_owned(),
        table: table("payment"),
        action: "edit".to_owned(),
        what: "/highwater/payment/sequence_id".to_owned(),
        before: Some("101".to_owned()),
        after: "102".to_owned(),
        reason: "late".to_owned(),
    };
    console.done(&asked, Output::Journal(vec![entry(1), entry(0)]));
    console.press("j");
    let job = console.asked(|request| matches!(request, Request::Ingest { .. }));
    let report = super::ingesting::report("payment", 7);
    console.done(&job, Output::Ingested(report));
    let again = console.last();
    assert!(matches!(again.request, Request::Journal { .. }));
    console.done(&again, Output::Journal(vec![entry(2), entry(1), entry(0)]));
    assert!(console.shows("Journal 3"), "{}", console.frame());
    let Some(crate::console::model::Screen::Journal(journal)) = console.model.stack.last() else {
        panic!("no journal");
    };
    let current = journal.current();
    assert_eq!(current, Some(&entry(0)), "the cursor stays on its entry");
}

#[test]
fn what_the_owner_ran_is_read_whole_in_the_journal() {
    let mut console = Console::filled((120, 24));
    console.press("L");
    let asked = console.last();
    let entry = JournalEntry {
        at: at("2026-05-16T12:00:00Z"),
        who: "ada".to_owned(),
        profile: "prod".to_owned(),
        table: table("payment"),
        action: "owner".to_owned(),
        what: "UPDATE payment SET ratio = 1/2".to_owned(),
        before: None,
        after: String::new(),
        reason: "rows-unreachable".to_owned(),
    };
    console.done(&asked, Output::Journal(vec![entry]));
    let shown = "owner   UPDATE payment SET ratio = 1/2   rows-unreachable";
    assert!(console.shows(shown), "{}", console.frame());
    console.press("<enter>");
    assert!(!console.shows("before") && !console.shows("after"));
}

#[test]
fn the_journal_is_read_in_a_small_terminal_too() {
    let mut console = Console::filled((40, 12));
    console.press("L");
    let asked = console.last();
    let entry = JournalEntry {
        at: at("2026-05-16T12:00:00Z"),
        who: "ada".to_owned(),
        profile: "prod".to_owned(),
        table: table("counterparty"),
        action: "edit".to_owned(),
        what: "/highwater/counterparty/sequence_id".to_owned(),
        before: Some("101".to_owned()),
        after: "102".to_owned(),
        reason: "late corrections".to_owned(),
    };
    console.done(&asked, Output::Journal(vec![entry]));
    assert_snapshot!("journal_40x12", console.frame());
}

#[test]
fn what_was_written_together_is_gone_back_to_together() {
    let entry = |minute: u32, what: &str, before: &str| JournalEntry {
        at: at(&format!("2026-05-16T12:{minute:02}:00Z")),
        who: "ada".to_owned(),
        profile: "prod".to_owned(),
        table: table("staff"),
        action: "repair".to_owned(),
        what: format!("/highwater/staff/{what}"),
        before: Some(before.to_owned()),
        after: "anything".to_owned(),
        reason: "stuck-sequence: use-object".to_owned(),
    };
    let entries = vec![
        entry(30, "sequence_id", "11"),
        entry(30, "timestamp", "2026-05-14T00:00:00.000000Z"),
        entry(10, "sequence_id", "7"),
        entry(1, "timestamp", "2026-05-12T00:00:00.000000Z"),
    ];
    for (down, timestamp, sequence_id) in [
        (0, "2026-05-14T00:00:00.000000Z", "11"),
        (1, "2026-05-14T00:00:00.000000Z", "11"),
        (2, "", "7"),
        (3, "2026-05-12T00:00:00.000000Z", ""),
    ] {
        let mut console = Console::filled((80, 24));
        console.press("L");
        let asked = console.last();
        console.done(&asked, Output::Journal(entries.clone()));
        console.press(&"j".repeat(down));
        console.press("u");
        let Some(crate::console::model::Screen::Edit(form)) = console.model.stack.last() else {
            panic!("no form\n{}", console.frame());
        };
        let typed = (form.timestamp.value(), form.sequence_id.value());
        assert_eq!(typed, (timestamp, sequence_id));
        let is_said = console.shows("both values were written together");
        assert_eq!(is_said, down < 2, "{}", console.frame());
    }
}

#[test]
fn what_is_not_among_the_newest_changes_is_looked_for_among_all() {
    let mut console = Console::filled((80, 24));
    console.press("L");
    let asked = console.last();
    let entry = |number: usize| JournalEntry {
        at: at("2026-05-16T12:00:00Z"),
        who: "ada".to_owned(),
        profile: "prod".to_owned(),
        table: table("payment"),
        action: "edit".to_owned(),
        what: "/highwater/payment/sequence_id".to_owned(),
        before: None,
        after: number.to_string(),
        reason: if number == 0 { "needle" } else { "a run" }.to_owned(),
    };
    let newest = |number: usize| Output::Journal((1..=number).rev().map(entry).collect());
    console.done(&asked, newest(1_000));
    assert!(
        console.shows(" 1–19 of the newest 1,000"),
        "{}",
        console.frame()
    );
    let before = console.started.len();
    console.press("/needle");
    assert_eq!(
        console.started.len(),
        before,
        "nothing is asked while it is typed"
    );
    assert!(
        console.shows("Enter looks through all"),
        "{}",
        console.frame()
    );
    console.press("<enter>");
    let asked = console.last();
    let Request::Journal { search, .. } = &asked.request else {
        panic!("{:?}", asked.request);
    };
    let needle = SearchWord {
        text: "needle".to_owned(),
        is_wanted: true,
    };
    assert_eq!(search.words, [needle]);
    let heading = console.line(" Journal");
    assert!(
        heading.contains(" Journal   needle   ") && heading.contains("looking through all"),
        "{heading}"
    );
    let find = |console: &mut Console, entries: Vec<JournalEntry>, day: &str| {
        let found = Found {
            entries,
            back_to: at(&format!("2026-05-{day}T12:00:00Z")),
        };
        console.news(&asked, Update::Found(found));
    };
    find(&mut console, Vec::new(), "15");
    let heading = console.line(" Journal");
    assert!(
        heading.ends_with("looking through all, back to 2026-05-15 12:00"),
        "{heading}"
    );
    find(&mut console, vec![entry(0)], "14");
    assert!(
        console
            .line(" Journal")
            .contains(" Journal 1 found   needle"),
        "what is found is shown at once: {}",
        console.frame()
    );
    assert!(console.shows("was") || console.shows("sequence_id 0"));
    console.done(&asked, Output::Journal(vec![entry(0)]));
    assert!(
        console.shows(" Journal 1 found   needle"),
        "{}",
        console.frame()
    );
    console.press("R");
    assert_eq!(
        format!("{:?}", console.last().request),
        format!("{:?}", asked.request)
    );
    console.press("<esc>");
    let asked = console.last();
    assert!(matches!(&asked.request, Request::Journal { search, .. } if search.words.is_empty()));
    console.done(&asked, newest(7));
    assert!(console.shows(" Journal 7\n"), "{}", console.frame());
    let before = console.started.len();
    console.press("/9<enter>");
    assert_eq!(console.started.len(), before, "all of them are here");
    assert!(
        console.shows("no change matches the filter"),
        "{}",
        console.frame()
    );
}
