//! After a server has refused a connection, no other attempt is made for a moment.
//!
//! A thousand tables queried at once would otherwise present the same wrong password again and again, and servers
//! lock an account after a few attempts.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::failure;
use super::password::CommandError;
use crate::backend::Error;

/// How long a refusal is believed. Automatic retries, and people who have put it right, take longer than this.
const BELIEVED: Duration = Duration::from_millis(1_500);

/// The last refusal.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<Option<Refusal>>);

#[derive(Debug)]
struct Refusal {
    at: Instant,
    place: String,
    doing: String,
    remedy: String,
    cause: String,
}

impl Refusals {
    /// Returns the refusal that is still believed, as an error.
    pub(super) fn believed(&self) -> Option<Error> {
        let last = self.lock();
        let last = last.as_ref().filter(|last| last.at.elapsed() < BELIEVED)?;
        let (doing, cause) = (last.doing.clone(), last.cause.clone());
        Some(failure::refused(&last.place, doing, &last.remedy, cause))
    }

    /// Remembers the error of a connection, if a server has refused it. A password command that failed has not
    /// reached any server, and may succeed the next time.
    pub(super) fn note(&self, error: &Error) {
        let Error::Refused {
            place,
            doing,
            remedy,
            cause,
            ..
        } = error
        else {
            return;
        };
        if cause.is::<Arc<CommandError>>() {
            return;
        }
        *self.lock() = Some(Refusal {
            at: Instant::now(),
            place: place.clone(),
            doing: doing.clone(),
            remedy: remedy.clone(),
            cause: crate::backend::error::chain(cause.as_ref()).join(": "),
        });
    }

    fn lock(&self) -> MutexGuard<'_, Option<Refusal>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::super::{Environment, SourcePool};
    use crate::config::SourceConfig;

    /// A server that refuses everybody (PostgreSQL documentation, 55.7, `ErrorResponse`), and how often somebody
    /// has connected.
    async fn stranger() -> (u16, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let came = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&came);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                let fields = b"SFATAL\0VFATAL\0C28P01\0Mno such password\0\0";
                let length = u32::try_from(fields.len() + 4).expect("short");
                let _ = stream.read(&mut [0; 512]).await;
                let _ = stream.write_all(b"E").await;
                let _ = stream.write_all(&length.to_be_bytes()).await;
                let _ = stream.write_all(fields).await;
            }
        });
        (port, came)
    }

    #[tokio::test]
    async fn whoever_is_refused_does_not_knock_again_at_once() {
        let (port, came) = stranger().await;
        let url = format!("postgres://me:wrong@127.0.0.1:{port}/x?sslmode=disable");
        let pool = SourcePool::new(&SourceConfig::new(&url), &Environment::default());
        let pool = pool.expect("a pool");
        let mut told = Vec::new();
        for _ in 0..20 {
            let refused = pool.get().await.err().expect("nobody is let in");
            told.push(crate::backend::error::chain(&refused).join(": "));
        }
        assert_eq!(came.load(Ordering::SeqCst), 1);
        assert!(told[0].contains("no such password"), "{}", told[0]);
        assert!(told.iter().all(|one| *one == told[0]), "{told:?}");
        tokio::time::sleep(super::BELIEVED).await;
        let _ = pool.get().await;
        assert_eq!(came.load(Ordering::SeqCst), 2, "then it is asked anew");
    }
}
