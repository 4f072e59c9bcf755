//! A stand-in for GitHub, from which PostgreSQL's binaries are downloaded, as a program sees it that reaches the
//! network through a proxy. The proxy ends TLS itself, with certificates of its own authority, and answers for
//! every host.

mod answers;
mod release;

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use super::Authority;
pub use release::Release;

/// The hosts that a download involves: those of the list, of a release's page, and of the files.
const HOSTS: [&str; 3] = ["api.github.com", "github.com", FILES];
const FILES: &str = "release-assets.githubusercontent.com";

/// A release server on loopback, until it is dropped.
pub struct ReleaseServer {
    proxy: String,
    authority: tempfile::NamedTempFile,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    release: Mutex<Release>,
    /// `host/path` of each request.
    asked: Mutex<Vec<String>>,
}

impl Drop for ReleaseServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl ReleaseServer {
    /// A server that has published `release`, and other releases that are not wanted.
    pub async fn with(release: Release) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = format!("http://{}", listener.local_addr().unwrap());
        let issuer = Authority::new();
        let authority = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&authority, issuer.pem()).unwrap();
        let shared = Arc::new(Shared {
            release: Mutex::new(release),
            asked: Mutex::default(),
        });
        let task = tokio::spawn(accept(listener, tls(&issuer), Arc::clone(&shared)));
        Self {
            proxy,
            authority,
            shared,
            task,
        }
    }

    /// Publishes another release in place of the previous one.
    pub fn publish(&self, release: Release) {
        *lock(&self.shared.release) = release;
    }

    /// The environment that a program needs to be directed here.
    pub fn environment(&self) -> [(&str, &str); 3] {
        let authority: &Path = self.authority.path();
        [
            ("HTTPS_PROXY", &self.proxy),
            ("NO_PROXY", ""),
            ("SSL_CERT_FILE", authority.to_str().unwrap()),
        ]
    }

    /// `host/path` of every request so far.
    pub fn asked(&self) -> Vec<String> {
        lock(&self.shared.asked).clone()
    }

    /// How many times the archive was asked for.
    pub fn downloads(&self) -> usize {
        let asked = self.asked().into_iter();
        asked
            .filter(|asked| asked.starts_with(FILES) && asked.ends_with(".tar.gz"))
            .count()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn tls(issuer: &Authority) -> TlsAcceptor {
    let (certificate, key) = issuer.issue_server(&HOSTS);
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn accept(listener: TcpListener, tls: TlsAcceptor, shared: Arc<Shared>) {
    // Dropped with this task, so that connections end with the server.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let (tls, shared) = (tls.clone(), Arc::clone(&shared));
        connections.spawn(async move {
            // A client that goes away is of no concern to the server.
            let _ = serve(stream, tls, shared).await;
        });
    }
}

async fn serve(mut stream: TcpStream, tls: TlsAcceptor, shared: Arc<Shared>) -> io::Result<()> {
    tunnel(&mut stream).await?;
    let stream = TokioIo::new(tls.accept(stream).await?);
    let service = service_fn(|request| {
        let answer = shared.answer(&request);
        async move { Ok::<_, std::convert::Infallible>(answer) }
    });
    let serving = hyper::server::conn::http1::Builder::new().serve_connection(stream, service);
    serving.await.map_err(io::Error::other)
}

/// Answers the request for a tunnel, to whatever host (RFC 9110, section 9.3.6).
async fn tunnel(stream: &mut TcpStream) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    assert!(head.starts_with(b"CONNECT "), "{}", head.escape_ascii());
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await
}
