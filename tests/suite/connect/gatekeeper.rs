//! A server that admits only clients with the right password and then refuses every query, in the words of servers
//! that cannot be run here.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The error for a wrong password, and for any query.
#[derive(Clone, Copy)]
pub struct Refusal {
    pub code: &'static str,
    pub message: &'static str,
    /// The routine of PostgreSQL that reports the error; a pooler names none.
    pub routine: Option<&'static str>,
}

/// The server; it ends with the test's runtime.
pub struct Gatekeeper {
    pub url: String,
    password: Arc<Mutex<String>>,
}

impl Gatekeeper {
    pub async fn start(password: &str, refusal: Refusal) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let password = Arc::new(Mutex::new(password.to_owned()));
        let known = Arc::clone(&password);
        tokio::spawn(async move {
            while let Ok((guest, _)) = listener.accept().await {
                let known = known.lock().expect("no panic").clone();
                // A client that goes away in between is of no concern.
                tokio::spawn(async move { receive(guest, &known, refusal).await.ok() });
            }
        });
        Self {
            url: format!("postgres://reader@127.0.0.1:{port}/shop?sslmode=disable"),
            password,
        }
    }

    /// From now on, expects another password.
    pub fn expect(&self, password: &str) {
        password.clone_into(&mut self.password.lock().expect("no panic"));
    }
}

/// The URL of a server that demands authentication by `method` (PostgreSQL documentation, 55.7, the message
/// `Authentication…`), and admits nobody.
pub async fn wanting(method: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut guest, _)) = listener.accept().await {
            let length = guest.read_u32().await?;
            guest.read_exact(&mut vec![0; length as usize - 4]).await?;
            let length = u32::try_from(method.len() + 4).expect("a few bytes");
            let asked = [b"R", &length.to_be_bytes()[..], method].concat();
            guest.write_all(&asked).await?;
        }
        Ok::<(), std::io::Error>(())
    });
    format!("postgres://reader:s3cret@127.0.0.1:{port}/shop?sslmode=disable")
}

/// The protocol of PostgreSQL documentation, 55.2.1 and 55.7: the start, a clear-text password, and the answer.
async fn receive(mut guest: TcpStream, known: &str, refusal: Refusal) -> std::io::Result<()> {
    let length = guest.read_u32().await?;
    guest.read_exact(&mut vec![0; length as usize - 4]).await?;
    guest.write_all(b"R\0\0\0\x08\0\0\0\x03").await?;
    guest.read_u8().await?;
    let length = guest.read_u32().await?;
    let mut given = vec![0; length as usize - 4];
    guest.read_exact(&mut given).await?;
    if given.strip_suffix(b"\0") != Some(known.as_bytes()) {
        return guest.write_all(&refusal.encoded()).await;
    }
    guest.write_all(b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I").await?;
    // The query, whatever it asks.
    guest.read_u8().await?;
    guest.write_all(&refusal.encoded()).await
}

impl Refusal {
    fn encoded(self) -> Vec<u8> {
        let (code, message) = (self.code, self.message);
        let routine = self.routine.map(|routine| format!("R{routine}\0"));
        let routine = routine.unwrap_or_default();
        let fields = format!("SFATAL\0VFATAL\0C{code}\0M{message}\0{routine}\0");
        let length = u32::try_from(fields.len() + 4).expect("a few words");
        [b"E", &length.to_be_bytes()[..], fields.as_bytes()].concat()
    }
}
