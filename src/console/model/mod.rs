//! Everything the console knows, and nothing it could ask for.
//!
//! | module | what it is |
//! |---|---|
//! | [`tables`], [`row`] | the Tables screen, and a table on it |
//! | [`digest`], `gist`, [`widths`] | what is shown of a row, and what the list needs of all of them: worked out when a row changes |
//! | `foresight`, [`setback`], [`trend`] | what a row tells beside where its table stands |
//! | [`mod@column`], [`sort`], [`filter`], [`words`], [`pick`] | how a list is looked at |
//! | [`sweep`], [`ledger`] | when the state of tables is asked for; which questions are open |
//! | [`page`], [`listing`], [`viewer`] | the page of a table, its objects, lines of JSON |
//! | [`edit`], [`moved`], [`backfill`], [`plan`] | forms and plans, before anything is written |
//! | [`question`], [`menu`], [`palette`] | what is asked over a screen |
//! | [`doctor`], [`journal`], [`jobs`], [`queue`], [`together`] | findings; changes; jobs, the place among them, those that were asked for together |
//! | [`details`], [`scroll`] | pages of text; the place in a list |
//! | `front`, [`stack`], [`reason`] | what is in front; what is open behind it; why an action cannot be done now |
//! | [`facts`], [`tour`] | what is known from the start; the tour over the demo |

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
pub mod row;
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

use std::collections::HashMap;

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
use scroll::Scroll;
use tables::Tables;
use tour::Tour;
use viewer::Viewer;
use words::Words;

/// The answer to a question that a screen has asked.
#[derive(Debug, Clone)]
pub enum Answer<T> {
    Waiting,
    Ready(T),
    Failed(Failure),
}

impl<T> Answer<T> {
    /// The answer, if it is there.
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

/// How a line of text is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Text,
    Strong,
    Dim,
    Ok,
    Warning,
    Error,
}

/// One line that tells what has just happened.
#[derive(Debug, Clone)]
pub struct Notice {
    pub tone: Tone,
    pub text: String,
    /// When it goes by itself; `None` stays until something else is said, or Esc.
    pub until: Option<Watermark>,
}

/// How long a notice that is no error stays, in microseconds.
pub const STAYS: i64 = 5_000_000;

/// Lines that a notice takes at most.
const SAID: usize = 3;

/// A filter or search being typed, and what it was before.
#[derive(Debug, Clone)]
pub struct Prompt {
    pub input: Input,
    pub before: String,
    /// Whether the next character takes the place of all that is there.
    pub replaces: bool,
}

/// The help, and what is looked for in it.
#[derive(Debug, Clone, Default)]
pub struct Help {
    pub scroll: Scroll,
    pub filter: Words,
}

/// A screen over the Tables screen.
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

/// What may be drawn with.
#[derive(Debug, Clone, Copy)]
pub struct Looks {
    pub colours: ThemeChoice,
    /// Whether no colour may be used at all.
    pub no_color: bool,
    /// Whether nothing but ASCII may be drawn.
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
    /// Columns and lines of the terminal.
    pub size: (u16, u16),
    /// The time of the last tick.
    pub now: Watermark,
    pub tables: Tables,
    pub jobs: JobList,
    pub ledger: Ledger,
    /// What is known of interrupted backfills.
    pub counted: Counted,
    /// Screens over the Tables screen, the one in front last.
    pub stack: Vec<Screen>,
    /// A filter or search being typed.
    pub prompt: Option<Prompt>,
    /// A choice of a few things.
    pub menu: Option<Menu>,
    /// All actions and tables, found by typing.
    pub palette: Option<Palette>,
    /// A question that must be answered before anything else.
    pub question: Option<Question>,
    pub notice: Option<Notice>,
    /// What jobs wait for that is no party: a person who has to answer, say.
    pub awaited: HashMap<JobId, String>,
    /// The tour over the demo.
    pub tour: Tour,
    /// Whether the console, rather than the terminal, has the mouse.
    pub mouse: bool,
    /// When and on which line the mouse was clicked last.
    pub clicked: Option<(Watermark, usize)>,
    /// When Ctrl-C was pressed last.
    pub interrupted: Option<Watermark>,
    /// Set once the console is on its way out.
    pub leaving: bool,
    /// Whether anything has changed since the last frame.
    pub dirty: bool,
}

impl Model {
    /// The console as it starts: nothing known, nothing asked.
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
            awaited: HashMap::new(),
            tour: Tour::Unknown,
            mouse: true,
            clicked: None,
            interrupted: None,
            leaving: false,
            dirty: true,
        }
    }

    /// How the tables are looked at, to be kept.
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

    /// Has the tables looked at as they were when these were kept.
    pub fn prefer(&mut self, liked: Preferences) {
        self.tables.sort = liked.sort;
        self.tables.age = liked.age;
        self.tables.left_out = liked.left_out;
        if liked.toured {
            self.tour = Tour::Known;
        }
        self.dress(liked.theme.unwrap_or_default());
    }

    /// Uses other colours.
    pub fn dress(&mut self, colours: ThemeChoice) {
        self.looks.colours = colours;
        self.theme = Theme::new(colours, self.looks.no_color, &self.facts);
    }

    /// The keys of an action as they are shown in a sentence.
    #[must_use]
    pub fn key(&self, action: ActionId) -> String {
        let keys = self.keymap.keys(action);
        keys.first()
            .map_or_else(|| format!(":{}", action.name()), ToString::to_string)
    }

    /// Lines between the title line and what is said, or the panel of the tour.
    #[must_use]
    pub fn body_height(&self) -> usize {
        let below = self.tour_lines() + self.yielded();
        usize::from(self.size.1).saturating_sub(4 + below)
    }

    /// Lines that the body yields to what is said, so that this covers neither the cursor nor what a list says
    /// at its end. A box would move under somebody's eyes: that is covered instead.
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

    /// What has just happened, or what a job waits for, in lines that fit the terminal.
    #[must_use]
    pub fn said(&self) -> Vec<(Tone, String)> {
        let awaited = self.awaited.values().next();
        let awaited = awaited.map(|what| (Tone::Warning, what));
        let notice = self.notice.as_ref();
        let notice = notice.map(|notice| (notice.tone, &notice.text));
        // Nothing goes on before it is over.
        let said = awaited.or(notice).filter(|_| self.prompt.is_none());
        // The panel of the tour has no lines to yield.
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
            lines.into_iter().map(|line| (tone, line)).collect()
        })
    }

    /// Columns of the terminal.
    #[must_use]
    pub fn width(&self) -> usize {
        usize::from(self.size.0)
    }

    /// Whether the jobs are in front.
    #[must_use]
    pub fn is_looking_at_jobs(&self) -> bool {
        matches!(self.stack.last(), Some(Screen::Jobs(_)))
    }

    /// Says something for some seconds; an error stays until something else is said.
    pub fn say(&mut self, tone: Tone, text: impl Into<String>) {
        let until = Watermark::from_micros(self.now.micros() + STAYS);
        self.notice = Some(Notice {
            tone,
            text: text.into(),
            until: if tone == Tone::Error { None } else { until },
        });
    }
}
