//! Everything the console knows, without any means to ask for more.
//!
//! | module | what it is |
//! |---|---|
//! | [`tables`], [`row`] | the Tables screen, and a table on it |
//! | [`digest`], `gist`, [`widths`] | what is shown of a row, and what the list needs of all; computed on change |
//! | `foresight`, [`setback`], [`trend`] | what a row shows besides the state of its table |
//! | [`mod@column`], [`sort`], [`filter`], [`words`], [`pick`] | how a list is shown: columns, order, filters |
//! | [`sweep`], [`ledger`] | when to ask for the state of tables; which questions are open |
//! | [`page`], [`listing`], [`viewer`] | the page of a table, its objects, lines of JSON |
//! | [`edit`], [`moved`], [`backfill`], [`plan`] | forms and plans, before anything is written |
//! | [`question`], [`menu`], [`palette`] | what opens over a screen |
//! | [`doctor`], [`journal`], [`jobs`], [`report`], [`queue`], [`together`] | findings; changes; jobs and groups |
//! | [`said`], [`details`], [`scroll`] | a line of text with its tone; pages of text; the position in a list |
//! | `front`, [`stack`], [`reason`] | what is in front; what is behind it; why an action is not possible |
//! | [`facts`], [`tour`] | what is known from the start; the tour of the demo |

pub mod backfill;
pub mod column;
pub mod details;
pub mod digest;
pub mod doctor;
pub mod edit;
pub mod facts;
pub mod filter;
mod foresight;
mod front;
mod gist;
pub mod jobs;
pub mod journal;
pub mod ledger;
pub mod listing;
pub mod menu;
pub mod moved;
pub mod page;
pub mod palette;
pub mod pick;
pub mod plan;
pub mod question;
pub mod queue;
pub mod reason;
pub mod report;
pub mod row;
pub mod said;
pub mod scroll;
pub mod setback;
pub mod sort;
pub mod stack;
pub mod sweep;
pub mod tables;
pub mod together;
pub mod tour;
pub mod trend;
pub mod viewer;
pub mod widths;
pub mod words;

use std::collections::BTreeMap;

use tui_input::Input;

use super::action::{ActionId, Keymap, Scope};
use super::preferences::Preferences;
use super::theme::Theme;
use crate::config::ThemeChoice;
use crate::jobs::{Failure, JobId};
use crate::text::{cut, visible, wrap};
use crate::vocabulary::Watermark;

use backfill::{BackfillForm, BackfillPlans, Counted};
use details::Details;
use doctor::Doctor;
use edit::EditForm;
pub use facts::Facts;
use jobs::JobList;
use journal::Journal;
use ledger::Ledger;
use menu::Menu;
use page::TablePage;
use palette::Palette;
use plan::Plan;
use question::Question;
use queue::Queue;
pub use said::{Said, Tone};
use scroll::Scroll;
use tables::Tables;
use tour::Tour;
use viewer::Viewer;
use words::Words;

/// The answer to a question asked by a screen.
#[derive(Debug, Clone)]
pub enum Answer<T> {
    Waiting,
    Ready(T),
    Failed(Failure),
}

impl<T> Answer<T> {
    /// The answer, if it has arrived.
    pub const fn ready(&self) -> Option<&T> {
        match self {
            Self::Ready(answer) => Some(answer),
            _ => None,
        }
    }
}

impl<T> From<Result<T, Failure>> for Answer<T> {
    fn from(result: Result<T, Failure>) -> Self {
        match result {
            Ok(answer) => Self::Ready(answer),
            Err(failure) => Self::Failed(failure),
        }
    }
}

/// A line that says what has just happened.
#[derive(Debug, Clone)]
pub struct Notice {
    pub tone: Tone,
    pub text: String,
    /// When it disappears by itself; `None` keeps it until the next notice or Esc.
    pub until: Option<Watermark>,
}

/// How long a notice that is not an error stays, in microseconds.
pub const STAYS: i64 = 5_000_000;

/// Maximum number of lines of a notice.
const SAID: usize = 3;

/// A filter or search being typed, and its value before.
#[derive(Debug, Clone)]
pub struct Prompt {
    pub input: Input,
    pub before: String,
    /// Whether the next character replaces the whole input.
    pub replaces: bool,
}

/// The help, and the words it is searched for.
#[derive(Debug, Clone, Default)]
pub struct Help {
    pub scroll: Scroll,
    pub filter: Words,
}

/// A screen on top of the Tables screen.
#[derive(Debug, Clone)]
pub enum Screen {
    Table(TablePage),
    Plan(Plan),
    Viewer(Viewer),
    Edit(EditForm),
    Backfill(BackfillForm),
    BackfillPlan(BackfillPlans),
    Jobs(Queue),
    Journal(Journal),
    Doctor(Doctor),
    Details(Details),
    Help(Help),
}

/// What the console may draw with.
#[derive(Debug, Clone, Copy)]
pub struct Looks {
    pub colours: ThemeChoice,
    /// Whether colours must not be used at all.
    pub no_color: bool,
    /// Whether to draw nothing but ASCII.
    pub ascii: bool,
}

/// The state of the console.
#[derive(Debug)]
pub struct Model {
    pub facts: Facts,
    pub theme: Theme,
    pub looks: Looks,
    /// Which keys do what.
    pub keymap: Keymap,
    /// The terminal's size in columns and lines.
    pub size: (u16, u16),
    /// The time of the last tick.
    pub now: Watermark,
    pub tables: Tables,
    pub jobs: JobList,
    pub ledger: Ledger,
    /// Recent counts of what is left of interrupted backfills.
    pub counted: Counted,
    /// Screens on top of the Tables screen; the last one is in front.
    pub stack: Vec<Screen>,
    /// A filter or search being typed.
    pub prompt: Option<Prompt>,
    /// A menu of a few items.
    pub menu: Option<Menu>,
    /// All actions and tables, found by typing.
    pub palette: Option<Palette>,
    /// A question that must be answered before anything else.
    pub question: Option<Question>,
    pub notice: Option<Notice>,
    /// What jobs are waiting for that is not a service, such as a person who has to answer. The oldest job's is shown.
    pub awaited: BTreeMap<JobId, String>,
    /// The tour of the demo.
    pub tour: Tour,
    /// Whether the console, rather than the terminal, has the mouse.
    pub mouse: bool,
    /// When and on which line the mouse was last clicked.
    pub clicked: Option<(Watermark, usize)>,
    /// When Ctrl-C was last pressed.
    pub interrupted: Option<Watermark>,
    /// Set once the console is on its way out.
    pub leaving: bool,
    /// Whether anything has changed since the last frame.
    pub dirty: bool,
}

impl Model {
    /// The console at its start: nothing known, nothing asked.
    #[must_use]
    pub fn new(facts: Facts, no_color: bool, size: (u16, u16), now: Watermark) -> Self {
        let theme = Theme::new(ThemeChoice::Terminal, no_color, &facts);
        Self {
            facts,
            theme,
            looks: Looks {
                colours: ThemeChoice::Terminal,
                no_color,
                ascii: false,
            },
            keymap: Keymap::default(),
            size,
            now,
            tables: Tables::default(),
            jobs: JobList::default(),
            ledger: Ledger::default(),
            counted: Counted::default(),
            stack: Vec::new(),
            prompt: None,
            menu: None,
            palette: None,
            question: None,
            notice: None,
            awaited: BTreeMap::new(),
            tour: Tour::Unknown,
            mouse: true,
            clicked: None,
            interrupted: None,
            leaving: false,
            dirty: true,
        }
    }

    /// How the tables are shown, to be saved.
    #[must_use]
    pub const fn preferences(&self) -> Preferences {
        Preferences {
            sort: self.tables.sort,
            age: self.tables.age,
            left_out: self.tables.left_out,
            theme: Some(self.looks.colours),
            toured: self.is_toured(),
        }
    }

    /// Shows the tables as these preferences say.
    pub fn prefer(&mut self, liked: Preferences) {
        self.tables.sort = liked.sort;
        self.tables.age = liked.age;
        self.tables.left_out = liked.left_out;
        if liked.toured {
            self.tour = Tour::Known;
        }
        self.dress(liked.theme.unwrap_or_default());
    }

    /// Switches to another theme.
    pub fn dress(&mut self, colours: ThemeChoice) {
        self.looks.colours = colours;
        self.theme = Theme::new(colours, self.looks.no_color, &self.facts);
    }

    /// The key of an action, for use in a sentence.
    #[must_use]
    pub fn key(&self, action: ActionId) -> String {
        let keys = self.keymap.keys(action);
        keys.first()
            .map_or_else(|| format!(":{}", action.name()), ToString::to_string)
    }

    /// Lines between the title line and the message at the bottom, or the panel of the tour.
    #[must_use]
    pub fn body_height(&self) -> usize {
        let below = self.tour_lines() + self.yielded();
        usize::from(self.size.1).saturating_sub(4 + below)
    }

    /// Lines that the body gives up for the message, so that the message covers neither the cursor nor the last line of
    /// a list. A box is covered instead: it would move before the user's eyes.
    #[must_use]
    pub fn yielded(&self) -> usize {
        let scope = self.screen_scope();
        let is_boxed = self.scope() != scope || matches!(scope, Scope::Edit | Scope::Backfill);
        if is_boxed {
            0
        } else {
            self.said().len().saturating_sub(1)
        }
    }

    /// The message at the bottom, in lines that fit the terminal: what a job is waiting for, or else the notice.
    #[must_use]
    pub fn said(&self) -> Vec<Said> {
        let awaited = self.awaited.values().next();
        let awaited = awaited.map(|what| (Tone::Warning, what));
        let notice = self.notice.as_ref();
        let notice = notice.map(|notice| (notice.tone, &notice.text));
        // The wait comes first: nothing goes on until it is over.
        let said = awaited.or(notice).filter(|_| self.prompt.is_none());
        // The panel of the tour has no lines to give up.
        let most = if self.visit().is_some() { 1 } else { SAID };
        let room = self.width().saturating_sub(2);
        said.map_or_else(Vec::new, |(tone, text)| {
            let mut lines = wrap(&visible(text), room);
            if lines.len() > most {
                lines.truncate(most);
                if let Some(last) = lines.last_mut() {
                    *last = cut(&format!("{} …", last.trim_end()), room);
                }
            }
            lines
                .into_iter()
                .map(|line| Said::new(tone, line))
                .collect()
        })
    }

    /// Columns of the terminal.
    #[must_use]
    pub fn width(&self) -> usize {
        usize::from(self.size.0)
    }

    /// Whether the jobs screen is in front.
    #[must_use]
    pub fn is_looking_at_jobs(&self) -> bool {
        matches!(self.stack.last(), Some(Screen::Jobs(_)))
    }

    /// Shows a notice for a few seconds; an error stays until the next notice.
    pub fn say(&mut self, tone: Tone, text: impl Into<String>) {
        let until = Watermark::from_micros(self.now.micros() + STAYS);
        self.notice = Some(Notice {
            tone,
            text: text.into(),
            until: if tone == Tone::Error { None } else { until },
        });
    }
}
