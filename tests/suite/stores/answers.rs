//! A server whose answers the test decides, for answers that neither emulator can be made to give.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The status line and headers, then the body: `("403 Forbidden", "<Error>…")`.
pub struct Answer(pub &'static str, pub String);

impl Answer {
    /// The answer that none of the requested parameters exist.
    pub fn no_parameters(asked: &Asked) -> Self {
        let names = asked.body.split("\"Names\":").nth(1).unwrap_or("[]");
        let names = names.split(']').next().unwrap_or("[");
        Self("200 OK", format!(r#"{{"InvalidParameters":{names}]}}"#))
    }
}

/// A request as received.
#[derive(Debug, Clone)]
pub struct Asked {
    /// `METHOD target`.
    pub line: String,
    /// Names and values, all in lower case, one per line.
    pub headers: String,
    /// The body, or the beginning of a long one.
    pub body: String,
}

/// How much of a body is kept.
const KEPT: u64 = 64 << 10;

/// An HTTP server on loopback, until it is dropped.
pub struct Answers {
    pub endpoint: String,
    seen: Arc<Mutex<Vec<Asked>>>,
    task: JoinHandle<()>,
}

impl Drop for Answers {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Answers {
    /// Answers each request with what `answer` returns for its `METHOD target`.
    pub async fn serve(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        Self::to(move |asked| answer(&asked.line)).await
    }

    /// Answers each request with what `answer` returns for the whole request.
    pub async fn to(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (Arc::clone(&seen), Arc::new(answer));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                tokio::spawn(async move {
                    // A client that goes away is of no concern to the server.
                    let _ = serve_one(stream, &log, &*answer).await;
                });
            }
        });
        Self {
            endpoint: format!("http://{address}"),
            seen,
            task,
        }
    }

    /// The requests so far, each as `METHOD target`.
    pub fn seen(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }

    /// The requests so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.seen.lock().expect("no panic").clone()
    }
}

async fn serve_one(
    stream: TcpStream,
    log: &Mutex<Vec<Asked>>,
    answer: &(dyn Fn(&Asked) -> Answer + Send + Sync),
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let (mut line, mut headers, mut length) = (String::new(), String::new(), 0);
    stream.read_line(&mut line).await?;
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).await?;
        let header = header.trim().to_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        headers.push_str(&header);
        headers.push('\n');
    }
    let mut body = Vec::new();
    let kept = length.min(KEPT);
    (&mut stream).take(kept).read_to_end(&mut body).await?;
    let mut rest = (&mut stream).take(length - kept);
    tokio::io::copy(&mut rest, &mut tokio::io::sink()).await?;
    let asked = Asked {
        line: line.trim().trim_end_matches(" HTTP/1.1").to_owned(),
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let Answer(head, body) = answer(&asked);
    log.lock().expect("no panic").push(asked);
    let length = body.len();
    let text =
        format!("HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
    stream.write_all(text.as_bytes()).await?;
    stream.shutdown().await
}
