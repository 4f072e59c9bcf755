//! The event loop: the only place that waits, and the only one that touches the outside.

mod handover;

use std::fs::File;
use std::io;
use std::time::Duration;

use rustix::process::{Signal, kill_current_process_group};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep_until};

use self::handover::{Holder, Turn};
use super::effect::Effect;
use super::input::{BATCH, Typed, has_gone};
use super::message::Message;
use super::model::{Model, Notice, Tone};
use super::preferences::{Preferences, PreferencesFile};
use super::signals::{INTERRUPT, Signals};
use super::terminal::TakenTerminal;
use super::{ConsoleError, Owner, Setup, Statement, View, screens, update};
use crate::jobs::{Event, JobId, Jobs};
use crate::vocabulary::Watermark;

/// Minimum time between two frames: 60 a second.
const FRAME: Duration = Duration::from_micros(16_667);
/// How long jobs have to stop once they are asked to.
const STOPPING: Duration = Duration::from_secs(10);
/// How long jobs have if none of them writes: their answers are not wanted any more.
const ABANDONING: Duration = Duration::from_millis(200);

/// What ends a console whose terminal was closed, if no signal says so.
const END_OF_TERMINAL: &str = "the end of its terminal";

/// Runs the console until it is left.
///
/// Must be called on the main thread of a multi-thread runtime: a panic of this thread restores the terminal and is
/// reported; a panic of any other thread is taken for that of a job.
///
/// # Errors
/// [`ConsoleError::NoTerminal`] and [`ConsoleError::DumbTerminal`]; [`ConsoleError::Terminal`] if the terminal fails;
/// [`ConsoleError::Signal`] after SIGTERM, SIGHUP and SIGINT, and if the terminal goes away;
/// [`ConsoleError::Cancelled`] if the user left while jobs that write were running or waiting, and
/// [`ConsoleError::Abandoned`] if some of those did not stop in time, whatever has ended the console. In every case the
/// jobs have been cancelled and the terminal is restored.
pub async fn run(setup: Setup) -> Result<(), ConsoleError> {
    run_with(setup, screens::view).await
}

/// As [`run`], but draws with `view`.
///
/// # Errors
/// As [`run`].
pub async fn run_with(setup: Setup, view: View) -> Result<(), ConsoleError> {
    let signals = Signals::listen()?;
    let mut console = Console::open(setup, view, signals)?;
    let ended = console.run().await;
    let cancelled = console.model.jobs.running();
    let abandoned = console.stop_jobs().await;
    // What is typed once the screen is restored is meant for the shell.
    drop(console.holder);
    drop(console.screen);
    let ended = sum_up(ended, cancelled, abandoned);
    if let Err(error) = &ended {
        // Nobody may be there any more to read it on stderr.
        tracing::info!(%error, "the console has ended");
    }
    ended
}

/// What the console has ended with, given how many jobs that write were `cancelled`, and how many of these were then
/// `abandoned`.
fn sum_up(
    ended: Result<(), ConsoleError>,
    cancelled: usize,
    abandoned: usize,
) -> Result<(), ConsoleError> {
    match (ended, cancelled) {
        _ if abandoned > 0 => Err(ConsoleError::Abandoned(abandoned)),
        (Ok(()), 0) => Ok(()),
        (Ok(()), jobs) => Err(ConsoleError::Cancelled(jobs)),
        // The failure to draw on it may be noticed before the signal arrives.
        (Err(ConsoleError::Terminal(_)), cancelled) if has_gone(io::stdout()) => {
            Err(by(END_OF_TERMINAL, cancelled))
        }
        (Err(ConsoleError::Signal { signal, .. }), cancelled) => Err(by(signal, cancelled)),
        (Err(error), _) => Err(error),
    }
}

const fn by(signal: &'static str, cancelled: usize) -> ConsoleError {
    ConsoleError::Signal { signal, cancelled }
}

struct Console {
    model: Model,
    screen: TakenTerminal,
    view: View,
    jobs: Jobs,
    news: UnboundedReceiver<Event>,
    /// Messages from work that the loop has started in the background.
    own: UnboundedSender<Message>,
    own_news: UnboundedReceiver<Message>,
    preferences: Option<PreferencesFile>,
    owner: Option<Owner>,
    signals: Signals,
    holder: Holder,
    drawn: Instant,
    left: bool,
}

/// Why the wait ended.
enum Woken {
    Messages(Vec<Message>),
    /// Nothing but the passing of time.
    Time,
    Ended(ConsoleError),
}

impl Console {
    /// Takes over the terminal. Draws nothing and starts no jobs yet.
    fn open(setup: Setup, view: View, signals: Signals) -> Result<Self, ConsoleError> {
        let screen = TakenTerminal::enter()?;
        let (size, now) = (screen.size()?, Watermark::now());
        let mut model = Model::new(setup.facts, setup.no_color, size, now);
        if let Some(file) = &setup.preferences {
            model.prefer(file.load());
        }
        if let Some(theme) = setup.theme {
            model.dress(theme);
        }
        model.looks.ascii = setup.ascii;
        model.keymap = setup.keymap;
        model.notice = setup.notice.map(|text| Notice {
            tone: Tone::Text,
            text,
            until: None,
        });
        let (events, news) = unbounded_channel();
        let (own, own_news) = unbounded_channel();
        Ok(Self {
            model,
            screen,
            view,
            jobs: Jobs::new(setup.open, setup.concurrency, None, events),
            news,
            own,
            own_news,
            preferences: setup.preferences,
            owner: setup.owner,
            signals,
            holder: Holder::console(),
            drawn: Instant::now(),
            left: false,
        })
    }

    async fn run(&mut self) -> Result<(), ConsoleError> {
        self.draw()?;
        let effects = update::start(&mut self.model);
        self.carry_out(effects)?;
        while !self.left {
            let messages = match self.wait().await {
                Woken::Messages(messages) => messages,
                Woken::Time => Vec::new(),
                Woken::Ended(error) => return Err(error),
            };
            let now = Message::Tick(Watermark::now());
            for message in std::iter::once(now).chain(messages) {
                let effects = update::update(&mut self.model, message);
                self.carry_out(effects)?;
            }
            if self.is_to_be_drawn() && self.drawn.elapsed() >= FRAME || self.left {
                self.draw()?;
            }
        }
        Ok(())
    }

    async fn wait(&mut self) -> Woken {
        let until = if self.is_to_be_drawn() {
            self.drawn + FRAME
        } else {
            let rest = u64::try_from(update::rest(&self.model)).unwrap_or(0);
            Instant::now() + Duration::from_micros(rest)
        };
        tokio::select! {
            biased;
            signal = self.signals.next() => self.on_signal(signal),
            turn = self.holder.turn() => match turn {
                Turn::Typed(Typed::Messages(messages)) => Woken::Messages(messages),
                Turn::Typed(Typed::Failed(error)) => Woken::Ended(error.into()),
                Turn::Typed(Typed::Ended) => {
                    Woken::Ended(by(END_OF_TERMINAL, 0))
                }
                Turn::Exited(ended) => self.take_back(ended),
            },
            Some(event) = self.news.recv() => {
                let mut messages = vec![Message::Job(event)];
                while messages.len() < BATCH && let Ok(event) = self.news.try_recv() {
                    messages.push(Message::Job(event));
                }
                Woken::Messages(messages)
            }
            Some(message) = self.own_news.recv() => Woken::Messages(vec![message]),
            () = sleep_until(until) => Woken::Time,
        }
    }

    /// Acts on a signal; `None` means that the process was stopped and has been resumed. While another program holds
    /// the terminal, Ctrl-C reaches both it and the console, and is meant for the program.
    fn on_signal(&mut self, signal: Option<&'static str>) -> Woken {
        match signal {
            Some(INTERRUPT) | None if self.holder.is_program() => Woken::Time,
            Some(signal) => Woken::Ended(by(signal, 0)),
            None => match self.come_back() {
                Ok(size) => Woken::Messages(vec![size, Message::Resumed]),
                Err(error) => Woken::Ended(error.into()),
            },
        }
    }

    /// Takes back the terminal and returns its size: a process in the background is not told when the size changes.
    fn come_back(&mut self) -> io::Result<Message> {
        self.screen.enter_again()?;
        let (columns, lines) = self.screen.size()?;
        Ok(Message::Resize(columns, lines))
    }

    /// Whether the model has changed since the last frame, and the screen is the console's to draw on.
    const fn is_to_be_drawn(&self) -> bool {
        self.model.dirty && !self.holder.is_program()
    }

    fn draw(&mut self) -> Result<(), ConsoleError> {
        update::before_frame(&mut self.model);
        let (view, model) = (self.view, &self.model);
        self.screen.draw(|frame| view(model, frame))?;
        update::after_frame(&mut self.model, Watermark::now());
        self.model.dirty = false;
        self.drawn = Instant::now();
        Ok(())
    }

    fn carry_out(&mut self, effects: Vec<Effect>) -> Result<(), ConsoleError> {
        for effect in effects {
            match effect {
                Effect::Start { job, request } => self.jobs.start(job, request),
                Effect::Cancel(job) => self.jobs.cancel(job),
                Effect::Copy(text) => self.screen.copy(&text)?,
                Effect::Save { name, text } => self.save(name, text),
                Effect::Remember(preferences) => self.remember(preferences),
                Effect::AskOwner(statement) => self.ask_owner(statement),
                Effect::WriteReason { table, reason } => self.write_reason(&table, &reason)?,
                Effect::Show { tool, lines } => self.show(tool, &lines)?,
                Effect::CaptureMouse(capture) => self.screen.capture_mouse(capture)?,
                Effect::Suspend => self.suspend()?,
                Effect::Repaint => self.screen.repaint()?,
                Effect::Quit => self.left = true,
            }
        }
        Ok(())
    }

    /// Writes a new file in the background: a folder on a network may be slow.
    fn save(&self, name: String, text: String) {
        let answers = self.own.clone();
        tokio::task::spawn_blocking(move || {
            let path = std::env::current_dir().unwrap_or_default().join(name);
            let written = File::create_new(&path).and_then(|mut file| {
                use std::io::Write as _;
                file.write_all(text.as_bytes())
            });
            let written = match written {
                Ok(()) => Ok(path),
                Err(error) => Err(format!("{}: {error}", path.display())),
            };
            // Nobody listens any more once the console is closing.
            let _ = answers.send(Message::Saved(written));
        });
    }

    /// Runs a statement in the background.
    fn ask_owner(&self, statement: Statement) {
        let Some(owner) = &self.owner else {
            return;
        };
        let (table, text) = (statement.table.clone(), statement.text.clone());
        let (running, answers) = (owner(statement), self.own.clone());
        tokio::spawn(async move {
            let message = Message::Owned {
                table,
                statement: text,
                done: running.await,
            };
            // Nobody listens any more once the console is closing.
            let _ = answers.send(message);
        });
    }

    /// Saves preferences in the background. A failure to save them is worth a line in the log and no more.
    fn remember(&self, preferences: Preferences) {
        if let Some(file) = self.preferences.clone() {
            file.set(preferences);
            tokio::task::spawn_blocking(move || {
                if let Err(error) = file.save() {
                    tracing::warn!(%error, "preferences are not kept");
                }
            });
        }
    }

    /// Stops the whole process group, as the terminal itself would on Ctrl-Z: a shell only notices if everything it
    /// started has stopped, and that may be more than this program.
    fn suspend(&mut self) -> Result<(), ConsoleError> {
        self.screen.leave();
        let stopped = kill_current_process_group(Signal::TSTP);
        self.screen.enter_again()?;
        self.model.dirty = true;
        stopped.map_err(|error| ConsoleError::Terminal(error.into()))
    }

    /// Cancels all jobs, waits a while for them, and returns how many of those that write have not stopped.
    async fn stop_jobs(&mut self) -> usize {
        let patience = if self.model.jobs.running() > 0 {
            STOPPING
        } else {
            ABANDONING
        };
        let at_work = self.jobs.shut_down(patience).await;
        // Jobs that only ask do not count: nobody misses their answers.
        let writes = |job: &&JobId| self.model.jobs.get(**job).is_some();
        at_work.iter().filter(writes).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_becomes_of_jobs_is_told_whatever_has_ended_the_console() {
        let told = |ended, cancelled, abandoned| {
            let ended = sum_up(ended, cancelled, abandoned);
            ended.map_or_else(|error| error.to_string(), |()| "left".to_owned())
        };
        let signal = || Err(by("SIGTERM", 0));
        let broken = || Err(ConsoleError::Terminal(io::Error::other("broken")));
        assert_eq!(told(Ok(()), 0, 0), "left");
        assert_eq!(
            told(Ok(()), 2, 0),
            "2 jobs cancelled; nothing was half-written"
        );
        assert_eq!(told(signal(), 0, 0), "ended by SIGTERM");
        assert_eq!(
            told(signal(), 2, 0),
            "ended by SIGTERM; 2 jobs cancelled; nothing was half-written"
        );
        assert_eq!(told(broken(), 2, 0), "the terminal fails");
        for ended in [Ok(()), signal(), broken()] {
            let told = told(ended, 2, 1);
            assert!(told.starts_with("1 job did not stop in time"), "{told}");
        }
    }
}
