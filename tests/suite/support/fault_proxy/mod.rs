//! A proxy in front of an emulator that injects faults which emulators do not produce.
//!
//! It receives every request in full, looks up in its script what is to happen to it, and passes it on, answers
//! itself, or breaks the connection. It also enforces the limits of SSM that the emulators ignore.

mod answers;
mod connection;
mod limits;
mod operation;
mod script;
mod wire;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::IF_NONE_MATCH;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::Emulator;
use connection::{Connection, Cut};
pub use operation::Operation;
use script::Script;
pub use script::{Fault, Refusal, Rule, Seen, at_request, on};
use wire::{Answer, Asked, Body};

/// A proxy on loopback, until it is dropped.
pub struct FaultProxy {
    endpoint: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    /// `host:port` of the emulator.
    upstream: String,
    script: Mutex<Script>,
    answered: Mutex<HashMap<Question, Answer>>,
    /// Becomes true when held requests and answers are to be released.
    released: watch::Sender<bool>,
    held: watch::Sender<Held>,
}

/// What has been held so far.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    requests: usize,
    answers: usize,
    /// The held requests that have reached the store since.
    arrived: usize,
}

/// What makes two requests equal.
type Question = (Method, Uri, Bytes);

/// The connection ends without an answer.
#[derive(Debug, thiserror::Error)]
#[error("cut off, as the script says")]
struct CutOff;

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl FaultProxy {
    /// A proxy in front of `emulator` that passes everything on.
    pub async fn before(emulator: &Emulator) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let upstream = emulator.endpoint().trim_start_matches("http://");
        let shared = Arc::new(Shared {
            upstream: upstream.to_owned(),
            script: Mutex::default(),
            answered: Mutex::default(),
            released: watch::Sender::new(false),
            held: watch::Sender::default(),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self {
            endpoint,
            shared,
            task,
        }
    }

    /// Where clients reach the proxy: `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Follows these rules from now on, and forgets the requests it has seen.
    pub fn follow(&self, rules: &[Rule]) {
        *lock(&self.shared.script) = Script::new(rules.to_vec());
        self.shared.released.send_replace(false);
        self.shared.held.send_replace(Held::default());
    }

    /// The requests since the last [`follow`](Self::follow).
    pub fn seen(&self) -> Vec<Seen> {
        lock(&self.shared.script).seen().to_vec()
    }

    /// The operations of the requests that met a fault.
    pub fn met(&self) -> Vec<Operation> {
        let seen = self.seen().into_iter();
        let met = seen.filter(|seen| seen.met.is_some());
        met.map(|seen| seen.operation).collect()
    }

    /// Waits until a request or an answer is held.
    pub async fn until_held(&self) {
        let mut held = self.shared.held.subscribe();
        // The sender lives as long as the proxy.
        let _ = held.wait_for(|held| held.requests + held.answers > 0).await;
    }

    /// Releases whatever is held now or later, and waits until the store has handled all of it.
    pub async fn release(&self) {
        self.shared.released.send_replace(true);
        let mut held = self.shared.held.subscribe();
        let _ = held.wait_for(|held| held.arrived == held.requests).await;
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    // Dropped with this task, so that connections end with the proxy.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream, Arc::clone(&shared)));
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let cut = Cut::default();
    let connection = TokioIo::new(Connection::new(stream, cut.clone()));
    let service = service_fn(|request| shared.answer(request, &cut));
    // A client that goes away is of no concern to the proxy.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(connection, service)
        .await;
}

impl Shared {
    async fn answer(
        self: &Arc<Self>,
        request: Request<Incoming>,
        cut: &Cut,
    ) -> Result<Response<Body>, CutOff> {
        let operation = Operation::of(request.method(), request.uri(), request.headers());
        if operation.is_of_ssm() {
            // The body says what the request is about.
            let asked = Asked::receive(request).await.map_err(|_| CutOff)?;
            let what = String::from_utf8_lossy(&asked.body).into_owned();
            let fault = lock(&self.script).meet(operation, what);
            return self.act(operation, asked, fault, cut).await;
        }
        let what = format!("{} {}", request.method(), request.uri());
        let fault = lock(&self.script).meet(operation, what);
        if fault == Some(Fault::CutRequest) {
            wire::receive_half(request).await;
            cut.demand();
            return Err(CutOff);
        }
        let asked = Asked::receive(request).await.map_err(|_| CutOff)?;
        self.act(operation, asked, fault, cut).await
    }

    async fn act(
        self: &Arc<Self>,
        operation: Operation,
        mut asked: Asked,
        fault: Option<Fault>,
        cut: &Cut,
    ) -> Result<Response<Body>, CutOff> {
        let end = || {
            cut.demand();
            CutOff
        };
        match fault {
            None => Ok(self.pass_on(operation, asked).await?.whole()),
            Some(Fault::Refuse(refusal)) => Ok(refusal.answer(operation).whole()),
            Some(Fault::RefuseAfterwards(refusal)) => {
                self.pass_on(operation, asked).await?;
                Ok(refusal.answer(operation).whole())
            }
            Some(Fault::CutRequest) => Err(end()),
            Some(Fault::LoseAnswer) => {
                self.pass_on(operation, asked).await?;
                Err(end())
            }
            Some(Fault::CutAnswer) => {
                let answer = self.pass_on(operation, asked).await?;
                cut.demand();
                answer.half().ok_or(CutOff)
            }
            Some(Fault::HoldRequest) => {
                // In a separate task, which outlives a client that gives up.
                let shared = Arc::clone(self);
                let late = tokio::spawn(async move {
                    shared.hold(|held| held.requests += 1).await;
                    let answer = shared.pass_on(operation, asked).await;
                    shared.held.send_modify(|held| held.arrived += 1);
                    answer
                });
                late.await.map_err(|_| CutOff)?.map(Answer::whole)
            }
            Some(Fault::HoldAnswer) => {
                let answer = self.pass_on(operation, asked).await?;
                self.hold(|held| held.answers += 1).await;
                Ok(answer.whole())
            }
            Some(Fault::Unconditional) => {
                asked.headers.remove(IF_NONE_MATCH);
                Ok(self.pass_on(operation, asked).await?.whole())
            }
            Some(Fault::Stale) => {
                let known = lock(&self.answered).get(&question(&asked)).cloned();
                match known {
                    Some(answer) => Ok(answer.whole()),
                    None => Ok(self.pass_on(operation, asked).await?.whole()),
                }
            }
        }
    }

    /// The answer of the store; also remembered, to be repeated as a stale answer.
    async fn pass_on(&self, operation: Operation, asked: Asked) -> Result<Answer, CutOff> {
        if let Some(refusal) = limits::beyond(operation, &asked.body) {
            return Ok(refusal);
        }
        let question = (!operation.writes()).then(|| question(&asked));
        let answer = asked.send(&self.upstream).await.map_err(|_| CutOff)?;
        if let Some(question) = question {
            lock(&self.answered).insert(question, answer.clone());
        }
        Ok(answer)
    }

    async fn hold(&self, count: impl FnOnce(&mut Held)) {
        let mut released = self.released.subscribe();
        self.held.send_modify(count);
        // The sender lives as long as `self`.
        let _ = released.wait_for(|released| *released).await;
    }
}

fn question(asked: &Asked) -> Question {
    (asked.method.clone(), asked.uri.clone(), asked.body.clone())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
