//! The time of a frame with ten thousand tables, and the time from a key to its frame while eight jobs report their
//! progress.
//!
//! Both go through the same entry points as the event loop: messages into the update, the model into a terminal in
//! memory. Run with `cargo bench --bench console`.

use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use highwater::backend::{
    finding::{Finding, FindingCode},
    progress::{Phase, ProgressSnapshot},
    source::{Horizon, RowCounts, SourceTable},
    standing::{LastObject, Newest, Verdict},
    status::{PartValue, StatusPart},
    stored::{Recorded, Stored},
};
use highwater::config::Safety;
use highwater::console::effect::Effect;
use highwater::console::message::Message;
use highwater::console::model::{Facts, Model};
use highwater::console::{screens, update};
use highwater::jobs::{Event, JobId, Output, Request, Update};
use highwater::vocabulary::{
    ObjectKey, ParameterName, SequenceId, TableName, Version, Watermark, watermark::Spelling,
};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

const TABLES: u64 = 10_000;
const FRAMES: usize = 2_000;
const JOBS: usize = 8;
const SIZE: (u16, u16) = (200, 60);
/// What the project promises for the 99th percentile.
const FRAME: Duration = Duration::from_millis(4);
const KEY: Duration = Duration::from_millis(16);

struct Bench {
    model: Model,
    terminal: Terminal<TestBackend>,
    effects: Vec<Effect>,
}

fn main() {
    let mut bench = Bench::new();
    bench.fill();
    report("frame, nothing new", &bench.still(), FRAME);
    report("frame, after a part of a status", &bench.parts(), FRAME);
    report(
        "key to frame, filtered and sorted",
        &bench.keys("/7jS"),
        KEY,
    );
    bench.ingest();
    report("key to frame, eight jobs running", &bench.busy(), KEY);
}

fn report(what: &str, times: &[Duration], promised: Duration) {
    let mut times = times.to_vec();
    times.sort_unstable();
    let at = |hundredth: usize| times[(times.len() * hundredth / 100).min(times.len() - 1)];
    let met = if at(99) < promised { "met" } else { "MISSED" };
    println!(
        "{what:36} median {:>9.1?}   p99 {:>9.1?}   most {:>9.1?}   {met}: {promised:?}",
        at(50),
        at(99),
        at(100)
    );
}

impl Bench {
    fn new() -> Self {
        let facts = Facts {
            config: None,
            profile: "bench".to_owned(),
            colour: "green".to_owned(),
            safety: Safety::Normal,
            demo: false,
            source: "totesys @ db.example.com".to_owned(),
            objects: "s3://bench".to_owned(),
            region: None,
            spelling: Spelling::default(),
        };
        let mut bench = Self {
            model: Model::new(facts, false, SIZE, Watermark::now()),
            terminal: Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).expect("a terminal"),
            effects: Vec::new(),
        };
        bench.effects = update::start(&mut bench.model);
        bench
    }

    fn send(&mut self, message: Message) {
        let effects = update::update(&mut self.model, message);
        self.effects.extend(effects);
    }

    fn frame(&mut self) {
        update::before_frame(&mut self.model);
        let model = &self.model;
        self.terminal
            .draw(|frame| screens::view(model, frame))
            .expect("a frame");
        update::after_frame(&mut self.model, Watermark::now());
    }

    fn news(&mut self, job: JobId, update: Update) {
        self.send(Message::Job(Event { job, update }));
    }

    /// The newest job whose request matches `is`.
    fn asked(&self, is: impl Fn(&Request) -> bool) -> (JobId, Request) {
        let found = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::Start { job, request } if is(request) => Some((*job, request.clone())),
            _ => None,
        });
        found.expect("it was asked for")
    }

    /// Answers every request until no more come.
    fn fill(&mut self) {
        let (listing, _) = self.asked(|request| matches!(request, Request::Tables));
        let tables = (0..TABLES).map(|number| table(&name(number))).collect();
        self.news(listing, Update::Done(Ok(Output::Tables(tables))));
        let mut answered = 0;
        while answered < self.effects.len() {
            let effect = self.effects[answered].clone();
            answered += 1;
            if let Effect::Start {
                job,
                request: Request::Status { tables, .. },
            } = effect
            {
                for table in &tables {
                    for value in parts(table) {
                        let part = StatusPart {
                            table: table.clone(),
                            value,
                        };
                        self.news(job, Update::Part(part));
                    }
                }
                self.news(job, Update::Done(Ok(Output::Status)));
            }
        }
        self.frame();
    }

    fn still(&mut self) -> Vec<Duration> {
        let times = (0..FRAMES).map(|_| timed(|| self.frame()));
        times.collect()
    }

    /// The cost of a sweep: each part changes a row, after which the list has to be brought up to date.
    fn parts(&mut self) -> Vec<Duration> {
        let job = JobId(u64::MAX);
        let mut times = Vec::new();
        for number in 0..FRAMES {
            let table = TableName::new("public", name(number as u64 * 3 % TABLES));
            self.model.tables.unsettled = true;
            if let Some(row) = self.model.tables.row_mut(&table) {
                row.asked = Some(job);
                row.apply(parts(&table)[2].clone(), Watermark::now());
            }
            self.news(job, Update::Started);
            times.push(timed(|| self.frame()));
        }
        times
    }

    fn keys(&mut self, keys: &str) -> Vec<Duration> {
        let mut times = Vec::new();
        for key in keys.chars().cycle().take(FRAMES) {
            times.push(timed(|| {
                let key = KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE);
                self.send(Message::Key(key));
                self.frame();
            }));
            // Close whatever the key opened, so that the next key has an effect.
            let escape = KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE);
            self.send(Message::Key(escape));
        }
        times
    }

    /// Starts ingesting eight tables.
    fn ingest(&mut self) {
        let press = |bench: &mut Self, code| {
            bench.send(Message::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        };
        press(self, KeyCode::Home);
        for _ in 0..JOBS {
            press(self, KeyCode::Char(' '));
        }
        press(self, KeyCode::Char('i'));
        let (asked, request) = self.asked(|request| matches!(request, Request::PlanIngest { .. }));
        let Request::PlanIngest { tables, .. } = request else {
            return;
        };
        let plans = tables.iter().map(|table| {
            let plan = highwater::backend::ingest::IngestPlan {
                table: table.clone(),
                from: None,
                horizon: horizon(),
                recovers: Vec::new(),
                doubts: Vec::new(),
                rows: 1,
                objects: vec![highwater::backend::ingest::PlannedObject {
                    key: ObjectKey::new("k"),
                    sequence_id: SequenceId(1),
                    rows: 1,
                    from: None,
                    to: Watermark::now(),
                }],
            };
            (table.clone(), Ok(plan))
        });
        let plans = Output::IngestPlans(plans.collect());
        self.news(asked, Update::Done(Ok(plans)));
        // The plan asks for confirmation by itself, but only accepts an answer once it could have been read.
        self.frame();
        let later = Watermark::now().micros() + 1_000_000;
        let later = Watermark::from_micros(later).expect("a time");
        self.send(Message::Tick(later));
        press(self, KeyCode::Char('y'));
    }

    /// Each job reports its progress ten times between two frames.
    fn busy(&mut self) -> Vec<Duration> {
        let jobs: Vec<JobId> = self.model.jobs.records.iter().map(|job| job.id).collect();
        assert_eq!(jobs.len(), JOBS, "eight jobs run");
        let mut times = Vec::new();
        for step in 0..FRAMES as u64 {
            for tell in 0..10 {
                for job in &jobs {
                    let progress = ProgressSnapshot {
                        phase: Phase::Copying,
                        rows: step * 10 + tell,
                        bytes: step * 2_000,
                        total_rows: 100_000,
                        objects: 0,
                        tables: 0,
                    };
                    self.news(*job, Update::Progress(progress));
                }
            }
            times.push(timed(|| {
                let down = KeyEvent::new(KeyCode::Down, KeyModifiers::NONE);
                self.send(Message::Tick(Watermark::now()));
                self.send(Message::Key(down));
                self.frame();
            }));
        }
        times
    }
}

fn timed(work: impl FnOnce()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
}

fn name(number: u64) -> String {
    format!("table_{number:05}")
}

fn table(name: &str) -> SourceTable {
    SourceTable {
        name: TableName::new("public", name),
        bytes: 8_192,
        estimated_rows: Some(100),
        has_infinite_intervals: true,
        columns: Vec::new(),
        findings: Vec::new(),
    }
}

fn horizon() -> Horizon {
    Horizon {
        at: Some(Watermark::now()),
        clock: Watermark::now(),
        holder: None,
        findings: Vec::new(),
    }
}

/// The three parts of a status; one table in ten has a finding.
fn parts(table: &TableName) -> [PartValue; 3] {
    let number: u64 = table.name()[6..].parse().unwrap_or(0);
    let now = Watermark::now();
    let stored = Stored {
        timestamp_name: ParameterName::new(format!("/highwater/{table}/timestamp")),
        timestamp: Some(Recorded {
            value: now,
            version: Version(1),
            text: now.to_string(),
        }),
        sequence_name: ParameterName::new(format!("/highwater/{table}/sequence_id")),
        sequence_id: Some(Recorded {
            value: SequenceId(number),
            version: Version(1),
            text: number.to_string(),
        }),
    };
    let finding = number.is_multiple_of(10).then(|| {
        Finding::new(
            FindingCode::StuckSequence,
            "object 102 exists, the sequence id says 101",
        )
    });
    let newest = Newest {
        sequence_id: Some(SequenceId(number)),
        last: Some(LastObject {
            key: ObjectKey::new(format!("{table}/{table}_{number:08}.jsonl")),
            rows: Some(number),
            to: Some(now),
            watermark: Some(now),
            bytes: number * 200,
            modified: now,
        }),
        watermark: Some(now),
        verdict: finding.map_or(Verdict::Sound, Verdict::Stopped),
        notes: Vec::new(),
    };
    let rows = RowCounts {
        pending: number % 1_000,
        exact: true,
        held: Some(number % 7),
        unreachable: Some(0),
        horizon: horizon(),
        findings: Vec::new(),
    };
    [
        PartValue::Stored(Ok(stored)),
        PartValue::Newest(Ok(newest)),
        PartValue::Rows(Ok(rows)),
    ]
}
