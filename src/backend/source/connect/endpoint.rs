//! One server to try, and how it is found.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// Folders in which the packages of common systems put the server's socket. libpq has one of them
/// compiled in.
const SOCKET_FOLDERS: [&str; 3] = ["/var/run/postgresql", "/run/postgresql", "/tmp"];

/// One server to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    pub host: Host,
    pub port: u16,
}

/// How a server is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// A name or an address, as it was written: this is what a certificate is checked against.
    Name(String),
    /// An address to use without looking the name up (`hostaddr`).
    Address { name: String, address: IpAddr },
    /// The folder of the server's socket.
    Socket(PathBuf),
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Name(name) | Host::Address { name, .. } if name.contains(':') => {
                write!(f, "[{name}]:{}", self.port)
            }
            Host::Name(name) | Host::Address { name, .. } => write!(f, "{name}:{}", self.port),
            Host::Socket(folder) => write!(f, "{}:{}", folder.display(), self.port),
        }
    }
}

impl Host {
    /// Whether this is the local machine, by its socket or by a loopback name or address. A
    /// remote name that `hostaddr` sends through a tunnel stays remote.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self {
            Self::Socket(_) => true,
            Self::Name(name) | Self::Address { name, .. } => {
                name.eq_ignore_ascii_case("localhost")
                    || name
                        .parse()
                        .is_ok_and(|address: IpAddr| address.is_loopback())
            }
        }
    }

    /// The host as spelled in a password file.
    pub(super) fn in_passfile(&self) -> String {
        match self {
            Self::Name(name) | Self::Address { name, .. } => name.clone(),
            Self::Socket(folder)
                if SOCKET_FOLDERS
                    .iter()
                    .any(|usual| folder == Path::new(usual)) =>
            {
                "localhost".to_owned()
            }
            Self::Socket(folder) => folder.display().to_string(),
        }
    }
}

/// The server's socket if there is one, otherwise this machine over TCP.
pub(super) fn default_host(port: u16) -> Host {
    SOCKET_FOLDERS
        .iter()
        .map(PathBuf::from)
        .find(|folder| folder.join(format!(".s.PGSQL.{port}")).exists())
        .map_or_else(|| Host::Name("localhost".to_owned()), Host::Socket)
}
