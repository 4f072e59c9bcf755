//! A console without a terminal and without a backend.

use std::sync::Arc;

use chrono_tz::Tz;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

pub use super::answers::*;
use super::doctor::{found, is_examination, stuck};
pub use super::frames::is_reversed;
use crate::backend::Error;
use crate::backend::finding::{Finding, FindingCode};
use crate::backend::status::{PartValue, StatusPart};
use crate::config::Safety;
use crate::console::effect::Effect;
use crate::console::message::Message;
use crate::console::model::{Facts, Model};
use crate::console::update;
use crate::jobs::{Event, Failure, JobId, Output, Request, Update};
use crate::vocabulary::{TableName, Watermark, watermark};

/// A job, and the request it was started with.
#[derive(Debug, Clone)]
pub struct Started {
    pub job: JobId,
    pub request: Request,
}

/// A console, and the effects it has returned.
pub struct Console {
    pub model: Model,
    pub started: Vec<Started>,
    pub effects: Vec<Effect>,
}

pub fn at(text: &str) -> Watermark {
    watermark::read(text, Tz::UTC).expect("a timestamp")
}

pub fn table(name: &str) -> TableName {
    TableName::parse(name)
}

impl Console {
    pub fn new(size: (u16, u16)) -> Self {
        Self::with(size, Safety::Normal, false)
    }

    pub fn with(size: (u16, u16), safety: Safety, no_color: bool) -> Self {
        Self::of(size, safety, (no_color, false))
    }

    /// A console on the demo.
    pub fn over_demo(size: (u16, u16), safety: Safety) -> Self {
        Self::of(size, safety, (false, true))
    }

    fn of(size: (u16, u16), safety: Safety, (no_color, demo): (bool, bool)) -> Self {
        let facts = Facts {
            profile: "prod".to_owned(),
            config: None,
            colour: "green".to_owned(),
            safety,
            demo,
            source: "totesys @ db.example.com".to_owned(),
            objects: "s3://ingest-prod".to_owned(),
            region: None,
            spelling: watermark::Spelling::default(),
        };
        let now = at("2026-05-16T14:02:31Z");
        let mut console = Self {
            model: Model::new(facts, no_color, size, now),
            started: Vec::new(),
            effects: Vec::new(),
        };
        let effects = update::start(&mut console.model);
        console.take(effects);
        console
    }

    /// A console with the five tables of the sketch, all counted.
    pub fn filled(size: (u16, u16)) -> Self {
        Self::new(size).fill()
    }

    pub fn fill(self) -> Self {
        self.counted().foreseen()
    }

    /// A filled console before the doctor has looked at the stuck table.
    pub fn counted(mut self) -> Self {
        let names = ["design", "payment", "sales_order", "staff", "transaction"];
        self.list(&names);
        let sweep = self.last();
        self.describe(&sweep);
        self.done(&sweep, Output::Status);
        let exact = self.last();
        self.describe(&exact);
        self.done(&exact, Output::Status);
        self
    }

    /// Answers the doctor's unasked look at the stuck table: it has a repair.
    fn foreseen(mut self) -> Self {
        self.wait(0.0);
        let started = self
            .started
            .iter()
            .find(|started| is_examination(&started.request));
        // The table may not be on the screen, if the terminal is small.
        if let Some(asked) = started.cloned() {
            self.done(&asked, found(vec![stuck("payment")]));
        }
        self
    }

    /// Answers the request for the list of tables.
    pub fn list(&mut self, names: &[&str]) {
        let tables = names.iter().map(|name| source_table(name)).collect();
        let asked = self.last();
        self.done(&asked, Output::Tables(tables));
    }

    /// Sends all parts of the five tables as answers to `sweep`.
    pub fn describe(&mut self, sweep: &Started) {
        let first = "2026-05-16T10:50:30.123Z";
        self.part(sweep, "design", stored("design", None, None));
        self.part(sweep, "design", newest(None, None));
        self.part(sweep, "design", rows(20, 0));
        self.part(sweep, "payment", stored("payment", Some(first), Some(101)));
        let stuck = "object 102 exists, the sequence id says 101";
        let stuck = Finding::new(FindingCode::StuckSequence, stuck);
        self.part(
            sweep,
            "payment",
            newest(Some((102, 1204, "12:00:00")), Some(stuck)),
        );
        self.part(sweep, "payment", rows(7, 0));
        let second = "2026-05-16T10:58:02Z";
        self.part(
            sweep,
            "sales_order",
            stored("sales_order", Some(second), Some(240)),
        );
        self.part(
            sweep,
            "sales_order",
            newest(Some((240, 998, "13:58:30")), None),
        );
        self.part(sweep, "sales_order", rows(1204, 12));
        self.part(
            sweep,
            "staff",
            stored("staff", Some("2026-05-14T09:00:00Z"), Some(12)),
        );
        self.part(sweep, "staff", newest(Some((12, 3, "02:00:00")), None));
        self.part(sweep, "staff", rows(0, 0));
        self.part(
            sweep,
            "transaction",
            stored("transaction", Some(second), Some(7)),
        );
        self.part(
            sweep,
            "transaction",
            newest(Some((7, 812_400, "13:00:00")), None),
        );
        self.part(sweep, "transaction", rows(1_310_000, 0));
    }

    /// The job that was started last.
    pub fn last(&self) -> Started {
        self.started.last().expect("a job was started").clone()
    }

    /// The newest job whose request matches.
    pub fn asked(&self, is: impl Fn(&Request) -> bool) -> Started {
        let found = self
            .started
            .iter()
            .rev()
            .find(|started| is(&started.request));
        found.expect("it was asked for").clone()
    }

    pub fn part(&mut self, of: &Started, name: &str, value: PartValue) {
        let part = StatusPart {
            table: table(name),
            value,
        };
        self.news(of, Update::Part(part));
    }

    pub fn done(&mut self, of: &Started, output: Output) {
        self.news(of, Update::Done(Ok(output)));
    }

    pub fn fail(&mut self, of: &Started, error: Error) {
        self.news(of, Update::Done(Err(Failure::Error(Arc::new(error)))));
    }

    /// Sends news of a job. If that brings up a question, lets enough time pass to read it.
    pub fn news(&mut self, of: &Started, update: Update) {
        let asked = self.model.question.is_some();
        self.tell(of, update);
        if !asked && self.model.question.is_some() {
            self.wait(0.5);
        }
    }

    /// Sends news of a job, without time to read anything.
    pub fn tell(&mut self, of: &Started, update: Update) {
        self.send(Message::Job(Event {
            job: of.job,
            update,
        }));
    }

    /// Lets time pass.
    pub fn wait(&mut self, seconds: f64) {
        #[expect(clippy::cast_possible_truncation, reason = "a few seconds")]
        let micros = (seconds * 1e6) as i64;
        let now = self.model.now.micros() + micros;
        self.send(Message::Tick(Watermark::from_micros(now).expect("a time")));
    }

    pub fn send(&mut self, message: Message) {
        let effects = update::update(&mut self.model, message);
        self.take(effects);
        self.frame_drawn();
    }

    fn frame_drawn(&mut self) {
        update::before_frame(&mut self.model);
        let now = self.model.now;
        update::after_frame(&mut self.model, now);
    }

    /// Sends keys without drawing a frame between them.
    pub fn send_at_once(&mut self, keys: &str) {
        for c in keys.chars() {
            let code = if c == '\n' {
                KeyCode::Enter
            } else {
                KeyCode::Char(c)
            };
            let effects = update::update(&mut self.model, Message::Key(plain(code)));
            self.take(effects);
        }
        self.frame_drawn();
    }

    pub fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::Start { job, request } = effect.clone() {
                self.started.push(Started { job, request });
            }
            self.effects.push(effect);
        }
    }

    /// Presses keys: `<enter>`, `<ctrl-c>`, `<alt-/>`; any other character stands for itself.
    pub fn press(&mut self, keys: &str) {
        let mut rest = keys;
        while let Some(first) = rest.chars().next() {
            let named = rest.strip_prefix('<').and_then(|rest| rest.split_once('>'));
            let (event, after) = match named {
                Some((name, after)) => (named_key(name), after),
                None => (plain(KeyCode::Char(first)), &rest[first.len_utf8()..]),
            };
            self.send(Message::Key(event));
            rest = after;
        }
    }

    /// What was copied last.
    pub fn copied(&self) -> Option<String> {
        let copied = |effect: &Effect| match effect {
            Effect::Copy(text) => Some(text.clone()),
            _ => None,
        };
        self.effects.iter().rev().find_map(copied)
    }
}

fn plain(code: KeyCode) -> KeyEvent {
    KeyEvent::new(code, KeyModifiers::NONE)
}

fn named_key(name: &str) -> KeyEvent {
    match name {
        "lt" => plain(KeyCode::Char('<')),
        "f1" => plain(KeyCode::F(1)),
        "f2" => plain(KeyCode::F(2)),
        "btab" => plain(KeyCode::BackTab),
        "home" => plain(KeyCode::Home),
        "enter" => plain(KeyCode::Enter),
        "esc" => plain(KeyCode::Esc),
        "tab" => plain(KeyCode::Tab),
        "up" => plain(KeyCode::Up),
        "down" => plain(KeyCode::Down),
        "left" => plain(KeyCode::Left),
        "right" => plain(KeyCode::Right),
        "pgdn" => plain(KeyCode::PageDown),
        "end" => plain(KeyCode::End),
        "back" => plain(KeyCode::Backspace),
        name => {
            let (modifier, letter) = name.split_once('-').expect("a modifier");
            let modifier = match modifier {
                "alt" => KeyModifiers::ALT,
                _ => KeyModifiers::CONTROL,
            };
            let c = letter.chars().next().expect("a key");
            KeyEvent::new(KeyCode::Char(c), modifier)
        }
    }
}
