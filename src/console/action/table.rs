//! The table of all actions, in the order of the footer and the help.

use crossterm::event::KeyCode;

use super::{Action, ActionId as Id, Danger, Key, Scope};
use crate::console::model::Model;
use crate::console::model::reason::{self, Enabled};

/// Screens for browsing, where letters are commands.
const BROWSING: &[Scope] = &[
    Scope::Tables,
    Scope::Table,
    Scope::Plan,
    Scope::BackfillPlan,
    Scope::Viewer,
    Scope::Jobs,
    Scope::Journal,
    Scope::Doctor,
    Scope::Details,
    Scope::Help,
];
/// Screens on top of the Tables screen.
const OVER: &[Scope] = &[
    Scope::Table,
    Scope::Plan,
    Scope::BackfillPlan,
    Scope::Viewer,
    Scope::Jobs,
    Scope::Journal,
    Scope::Doctor,
    Scope::Details,
    Scope::Help,
];
/// Screens about tables.
const TABLES: &[Scope] = &[Scope::Tables, Scope::Table, Scope::Doctor];
/// Screens from which the tabs of a table can be opened, and the screens that are such tabs: the viewer
/// shows the next rows, the doctor the findings.
const TABS: &[Scope] = &[Scope::Tables, Scope::Table, Scope::Viewer, Scope::Doctor];
const TABBED: &[Scope] = &[Scope::Table, Scope::Viewer, Scope::Doctor];
/// Scopes that scroll by pages: screens, and the text of questions.
const PAGED: &[Scope] = &[
    Scope::Tables,
    Scope::Table,
    Scope::Plan,
    Scope::BackfillPlan,
    Scope::Viewer,
    Scope::Jobs,
    Scope::Journal,
    Scope::Doctor,
    Scope::Details,
    Scope::Help,
    Scope::Prompt,
    Scope::Question,
    Scope::TypedQuestion,
];
const FORMS: &[Scope] = &[Scope::Edit, Scope::Backfill];
/// Scopes with lines to move through while something is typed or asked.
const LINES: &[Scope] = &[
    Scope::Prompt,
    Scope::Question,
    Scope::TypedQuestion,
    Scope::Menu,
    Scope::Palette,
];

#[expect(
    clippy::unnecessary_wraps,
    reason = "the type is that of all conditions"
)]
const fn always(_: &Model) -> Enabled {
    Ok(())
}

const ENTER: Key = Key::plain(KeyCode::Enter);
const ESC: Key = Key::plain(KeyCode::Esc);
const UP: Key = Key::plain(KeyCode::Up);
const DOWN: Key = Key::plain(KeyCode::Down);
const LEFT: Key = Key::plain(KeyCode::Left);
const RIGHT: Key = Key::plain(KeyCode::Right);
const TAB: Key = Key::plain(KeyCode::Tab);

const fn look(
    id: Id,
    keys: &'static [Key],
    label: &'static str,
    help: &'static str,
    scopes: &'static [Scope],
    rank: u8,
) -> Action {
    Action {
        id,
        keys,
        label,
        help,
        scopes,
        danger: Danger::None,
        rank,
        enabled: always,
    }
}

const fn write(action: Action, danger: Danger) -> Action {
    Action { danger, ..action }
}

const fn only_if(action: Action, enabled: fn(&Model) -> Enabled) -> Action {
    Action { enabled, ..action }
}

/// All actions.
#[rustfmt::skip]
pub static ACTIONS: &[Action] = &[
    only_if(write(look(Id::Ingest, &[Key::char('i')], "ingest", "plan the ingestion of the marked tables, or of the one under the cursor", TABLES, 90), Danger::Writes), reason::some_table),
    only_if(write(look(Id::Backfill, &[Key::char('b')], "backfill", "re-read an older range of the marked tables, or of the one under the cursor", TABS, 56), Danger::Writes), reason::backfillable),
    only_if(look(Id::Preview, &[Key::char('p')], "preview", "the exact lines that ingestion would write next", &[Scope::Tables], 80), reason::table_under_cursor),
    only_if(write(look(Id::Edit, &[Key::char('e')], "edit", "change the stored timestamp or sequence id", TABLES, 70), Danger::Destructive), reason::stored_values),
    only_if(look(Id::OpenTable, &[ENTER], "open", "everything about the table under the cursor, in six tabs", &[Scope::Tables], 68), reason::table_under_cursor),
    only_if(look(Id::OpenItem, &[ENTER], "open", "open the object or the version under the cursor", &[Scope::Table], 68), reason::item_under_cursor),
    only_if(look(Id::NextTab, &[TAB], "tabs", "the next tab of the table", TABBED, 66), reason::tabs),
    only_if(look(Id::PreviousTab, &[Key::plain(KeyCode::BackTab)], "previous tab", "the previous tab of the table", TABBED, 0), reason::tabs),
    only_if(look(Id::ShowState, &[Key::char('1')], "state", "both values with versions and writers, counts, the horizon and who holds it", TABS, 0), reason::tabs),
    only_if(look(Id::ShowObjects, &[Key::char('2')], "objects", "the objects of the table, newest first, and their rows over time", TABS, 0), reason::tabs),
    only_if(look(Id::ShowHistory, &[Key::char('3')], "history", "every version of both values, who wrote it and what changed", TABS, 0), reason::tabs),
    only_if(look(Id::ShowPreview, &[Key::char('4')], "next rows", "the exact lines that ingestion would write next, as a tab", TABS, 0), reason::tabs),
    only_if(look(Id::ShowFindings, &[Key::char('5')], "findings", "what is wrong with the table", TABS, 0), reason::tabs),
    only_if(look(Id::ShowColumns, &[Key::char('6')], "columns", "the columns of the table", TABS, 0), reason::tabs),
    only_if(look(Id::LastObject, &[Key::char('o')], "object", "the first rows of the newest object", TABLES, 30), reason::last_object),
    only_if(write(look(Id::RunPlan, &[ENTER, Key::char('i')], "ingest", "ask again whether to carry out the plan", &[Scope::Plan], 90), Danger::Writes), reason::plan_has_rows),
    only_if(look(Id::Doctor, &[Key::char('d')], "doctor", "what is wrong with all tables, with the marked ones or with this one, and what puts it right", &[Scope::Tables, Scope::Table, Scope::Plan, Scope::Viewer], 59), reason::examinable),
    only_if(write(look(Id::Repair, &[ENTER, Key::char('f')], "repair", "repair the finding under the cursor, once its writes are confirmed", &[Scope::Doctor], 95), Danger::Writes), reason::repairable),
    only_if(write(look(Id::RepairAll, &[Key::char('F')], "repair all", "repair whatever needs no choice, after one confirmation of all writes", &[Scope::Doctor], 64), Danger::Writes), reason::some_safe_repair),
    only_if(write(look(Id::RunBackfill, &[ENTER, Key::char('b')], "backfill", "ask again whether to carry out the plan", &[Scope::BackfillPlan], 90), Danger::Writes), reason::backfill_has_rows),
    only_if(write(look(Id::AskOwner, &[Key::char('O')], "owner", "have the demo's owner run the finding's statement; for your own database, y copies it", &[Scope::Doctor], 94), Danger::Writes), reason::owner_at_hand),
    only_if(look(Id::Details, &[ENTER, Key::char('E')], "details", "everything known about the line under the cursor, errors with all their causes", &[Scope::Jobs, Scope::Journal], 50), reason::something_selected),
    only_if(look(Id::Trouble, &[Key::char('E')], "why", "what is wrong here, with all its causes and what to do next", TABLES, 67), reason::some_trouble),
    only_if(look(Id::CancelJob, &[Key::char('x')], "cancel", "cancel the job, or those of the marked tables; an upload that has begun is aborted", &[Scope::Tables, Scope::Table, Scope::Doctor, Scope::Jobs], 75), reason::running_job),
    only_if(look(Id::CancelQueue, &[Key::char('X')], "cancel queue", "cancel all jobs that are waiting for their turn", &[Scope::Tables, Scope::Jobs], 55), reason::waiting_job),
    only_if(write(look(Id::Retry, &[Key::char('r')], "retry", "plan a failed or cancelled ingestion again, or what is left of a backfill", &[Scope::Jobs], 45), Danger::Writes), reason::retryable_job),
    only_if(write(look(Id::Revert, &[Key::char('u')], "revert", "go back to the values before an edit or a repair, or to a version of the history", &[Scope::Journal, Scope::Table], 69), Danger::Destructive), reason::revertible),
    look(Id::Pretty, &[Key::char('z')], "pretty", "one value per line, or one row per line", &[Scope::Viewer], 60),
    look(Id::Search, &[Key::char('/')], "search", "search in the text", &[Scope::Viewer], 65),
    only_if(look(Id::NextMatch, &[Key::char('n')], "next", "next match", &[Scope::Viewer], 40), reason::searched),
    only_if(look(Id::PreviousMatch, &[Key::char('N')], "previous", "previous match", &[Scope::Viewer], 0), reason::searched),
    only_if(look(Id::Pager, &[Key::char('v')], "pager", "open what is shown in $PAGER, or else in less", &[Scope::Viewer], 21), reason::lines_shown),
    only_if(look(Id::Editor, &[Key::char('V')], "editor", "open a copy of what is shown in $VISUAL, or else in $EDITOR", &[Scope::Viewer], 0), reason::lines_shown),
    only_if(look(Id::Filter, &[Key::char('/')], "filter", "show only what matches: text, !text, finding:stuck; for tables pending>0, held>0, age>2h, state:needs-attention, job:failed; for findings severity:error; for jobs failed", &[Scope::Tables, Scope::Table, Scope::Doctor, Scope::Jobs, Scope::Journal, Scope::Help], 58), reason::filterable),
    only_if(look(Id::Mark, &[Key::char(' ')], "mark", "mark or unmark the table under the cursor", &[Scope::Tables], 35), reason::table_under_cursor),
    only_if(look(Id::MarkAll, &[Key::char('a')], "mark all", "mark all tables shown, or none", &[Scope::Tables], 0), reason::table_under_cursor),
    only_if(look(Id::MarkRange, &[Key::char('v')], "range", "mark from here to where the cursor goes; again to keep", &[Scope::Tables], 0), reason::table_under_cursor),
    look(Id::Sort, &[Key::char('S')], "sort", "sort by any column; the same column again reverses it", &[Scope::Tables], 32),
    look(Id::ChooseColumns, &[Key::char('C')], "columns", "choose the columns of the list; each is shown if there is room", &[Scope::Tables], 0),
    look(Id::Age, &[Key::char('t')], "age", "timestamps as points in time, or as ages", &[Scope::Tables], 31),
    look(Id::Refresh, &[Key::char('R'), Key::plain(KeyCode::F(5))], "refresh", "refresh everything now", &[Scope::Tables, Scope::Table, Scope::Viewer, Scope::Journal, Scope::Doctor, Scope::Plan, Scope::BackfillPlan], 20),
    look(Id::Palette, &[Key::char(':'), Key::ctrl('p')], "find", "find an action or a table by a few of its letters", BROWSING, 57),
    look(Id::Jobs, &[Key::char('J')], "jobs", "running and finished jobs", BROWSING, 58),
    look(Id::Journal, &[Key::char('L')], "journal", "every change made from this machine", BROWSING, 33),
    only_if(look(Id::Copy, &[Key::char('y')], "copy", "copy a value, the row as JSON, a key, an error or the command; works over SSH", BROWSING, 25), reason::something_selected),
    look(Id::Export, &[Key::char('w')], "write", "write the list shown as JSON or CSV, or the screen as text, to a file", BROWSING, 0),
    only_if(look(Id::Command, &[Key::char('c')], "command", "the headless command that does the same", &[Scope::Tables, Scope::Table, Scope::Plan, Scope::Viewer, Scope::Jobs, Scope::Journal, Scope::Doctor, Scope::BackfillPlan], 22), reason::some_command),
    look(Id::Theme, &[Key::char('T')], "theme", "other colours: terminal, dark, light, plain", BROWSING, 0),
    look(Id::Mouse, &[Key::char('m')], "mouse", "leave the mouse to the terminal for selecting text, or take it back", BROWSING, 0),
    look(Id::NextField, &[TAB, DOWN], "next field", "go to the next field", FORMS, 60),
    look(Id::PreviousField, &[Key::plain(KeyCode::BackTab), UP], "previous field", "go to the previous field", FORMS, 0),
    only_if(write(look(Id::Force, &[Key::ctrl('f')], "force", "allow a sequence id that is not the next one", &[Scope::Edit], 50), Danger::Destructive), reason::forceable),
    look(Id::WriteReason, &[Key::ctrl('o')], "editor", "write the reason in $VISUAL or else in $EDITOR", &[Scope::Edit], 45),
    write(look(Id::Apply, &[ENTER], "apply", "write the values, after a confirmation", &[Scope::Edit], 90), Danger::Writes),
    only_if(look(Id::TakeOver, &[Key::ctrl('r')], "resume", "resume an interrupted backfill; again for the next one", &[Scope::Backfill], 70), reason::interrupted),
    only_if(write(look(Id::ForgetBackfill, &[Key::ctrl('x')], "forget", "forget the interrupted backfill; what it has written stays", &[Scope::Backfill], 65), Danger::Writes), reason::forgettable),
    look(Id::PlanBackfill, &[ENTER], "plan", "count what would be written, and write nothing yet", &[Scope::Backfill], 90),
    look(Id::FormCommand, &[Key::plain(KeyCode::F(2))], "command", "the headless command for what is typed", FORMS, 40),
    look(Id::Accept, &[ENTER], "accept", "keep what is typed", &[Scope::Prompt], 90),
    look(Id::Choose, &[ENTER], "choose", "give the answer under the cursor", &[Scope::Question], 90),
    look(Id::ChooseTyped, &[ENTER], "confirm", "do it, if what is typed is what was asked for", &[Scope::TypedQuestion], 90),
    only_if(look(Id::Yes, &[Key::char('y')], "yes", "do it, unless another letter was typed before it", &[Scope::Question], 80), reason::letters_answer),
    only_if(look(Id::No, &[Key::char('n')], "no", "leave all as it is", &[Scope::Question], 80), reason::letters_answer),
    look(Id::Switch, &[RIGHT, LEFT, TAB], "switch", "move between yes and no", &[Scope::Question], 0),
    look(Id::Pick, &[ENTER], "take", "choose what is under the cursor; its letter does the same", &[Scope::Menu], 90),
    look(Id::Run, &[ENTER], "do", "do what is under the cursor", &[Scope::Palette], 90),
    look(Id::PreviousItem, &[UP, Key::ctrl('p')], "up", "the line above", LINES, 0),
    look(Id::NextItem, &[DOWN, Key::ctrl('n')], "down", "the line below", LINES, 0),
    look(Id::Abandon, &[ESC], "leave", "leave all as it is", &[Scope::Edit, Scope::Backfill, Scope::Prompt, Scope::Question, Scope::TypedQuestion, Scope::Menu, Scope::Palette], 85),
    look(Id::Up, &[UP, Key::char('k')], "up", "move up", BROWSING, 0),
    look(Id::Down, &[DOWN, Key::char('j')], "down", "move down", BROWSING, 0),
    look(Id::PageUp, &[Key::plain(KeyCode::PageUp), Key::ctrl('b')], "page up", "move up by a page", PAGED, 0),
    look(Id::PageDown, &[Key::plain(KeyCode::PageDown), Key::ctrl('d'), Key::ctrl('f')], "page down", "move down by a page", PAGED, 0),
    look(Id::First, &[Key::plain(KeyCode::Home), Key::char('g')], "first", "go to the first line", BROWSING, 0),
    look(Id::Last, &[Key::plain(KeyCode::End), Key::char('G')], "last", "go to the last line", BROWSING, 0),
    look(Id::Left, &[LEFT, Key::char('h')], "left", "scroll to the left", &[Scope::Viewer], 0),
    look(Id::Right, &[RIGHT, Key::char('l')], "right", "scroll to the right", &[Scope::Viewer], 0),
    look(Id::Clear, &[ESC], "clear", "unmark all, then clear the filter", &[Scope::Tables], 0),
    look(Id::Back, &[ESC, Key::char('q')], "back", "back to where you came from, once the filter has been cleared", OVER, 86),
    look(Id::Help, &[Key::char('?')], "help", "all keys and symbols", BROWSING, 99),
    only_if(look(Id::Tour, &[Key::plain(KeyCode::F(1))], "tour", "a two-minute tour of the demo, or leave it", BROWSING, 0), reason::over_the_demo),
    look(Id::Quit, &[Key::char('q')], "quit", "leave; asks if jobs are running", &[Scope::Tables], 40),
    look(Id::Repaint, &[Key::ctrl('l')], "repaint", "redraw the screen", &Scope::ALL, 0),
    look(Id::Suspend, &[Key::ctrl('z')], "suspend", "back to the shell; fg resumes", &Scope::ALL, 0),
    look(Id::Interrupt, &[Key::ctrl('c')], "stop", "twice: cancel all jobs cleanly and leave", &Scope::ALL, 0),
];

/// Whether the scopes include all screens for browsing.
pub(super) const fn is_everywhere(scopes: &[Scope]) -> bool {
    scopes.len() >= BROWSING.len()
}
