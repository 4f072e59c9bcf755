//! A private PostgreSQL cluster, for tests that restart a server or change its settings.

use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{Database, server};

/// The user id of `nobody`: `initdb` and `postgres` refuse to run as root.
const NOBODY: u32 = 65534;
const PATIENCE: Duration = Duration::from_mins(1);

/// A running server. Dropping this (or the end of the test's process) ends it and removes its files.
pub struct Cluster {
    folder: tempfile::TempDir,
    binaries: PathBuf,
    server: Option<Child>,
    port: u16,
}

/// The settings of a cluster.
#[derive(Default)]
pub struct ClusterSettings<'a> {
    /// Lines for `postgresql.conf`.
    pub conf: &'a str,
    /// The whole of `pg_hba.conf`; if empty, everybody is trusted.
    pub hba: &'a str,
    /// Files to put into the data folder: name and content.
    pub files: &'a [(&'a str, String)],
    /// Statements that the superuser runs over the socket once the server answers.
    pub statements: &'a str,
}

/// The folder of `initdb` and `postgres`; `None` (with a note on stderr) if there are none.
pub fn server_programs() -> Option<PathBuf> {
    let variable = "HIGHWATER_TEST_POSTGRES_BIN";
    server(variable, "the programs of a PostgreSQL server").map(PathBuf::from)
}

/// A started cluster; `None` (with a note on stderr) if there are no server binaries.
pub fn cluster(settings: &ClusterSettings<'_>) -> Option<Cluster> {
    let binaries = server_programs()?;
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut cluster = Cluster {
        folder,
        binaries,
        server: None,
        port: free_port(),
    };
    cluster.initialise(settings);
    cluster.start();
    if !settings.statements.is_empty() {
        let url = cluster.socket_url("postgres", "postgres");
        super::block_on(super::database::execute(&url, settings.statements));
    }
    Some(cluster)
}

impl Cluster {
    /// The port on 127.0.0.1.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// A URL over the socket, through which the superuser can always connect.
    pub fn socket_url(&self, user: &str, database: &str) -> String {
        let sockets = self
            .path("sockets")
            .display()
            .to_string()
            .replace('/', "%2F");
        format!("postgres://{user}@{sockets}:{}/{database}", self.port)
    }

    /// A hot standby, which follows this cluster from now on.
    pub fn standby(&self) -> Self {
        let mut standby = Self {
            folder: tempfile::tempdir().expect("a temporary folder can be made"),
            binaries: self.binaries.clone(),
            server: None,
            port: free_port(),
        };
        standby.make_folders();
        let status = standby
            .command("pg_basebackup")
            .args(["-R", "-X", "stream", "--checkpoint=fast", "--no-sync", "-D"])
            .arg(standby.path("data"))
            .args([
                "-d",
                &format!("postgres://postgres@127.0.0.1:{}", self.port),
            ])
            .status()
            .expect("pg_basebackup can be run");
        assert!(status.success(), "no copy: {}", standby.log());
        let copied = std::fs::read_to_string(standby.path("data/postgresql.conf")).unwrap();
        // If a setting occurs twice, the last line counts.
        standby.write(
            "postgresql.conf",
            &format!("{copied}\n{}", standby.places()),
        );
        standby.start();
        standby
    }

    /// The URL of `database` in this cluster, as superuser.
    pub fn url_of(&self, database: &Database) -> String {
        let (port, name) = (self.port, database.name());
        format!("postgres://postgres@127.0.0.1:{port}/{name}")
    }

    /// A fresh database in this cluster, to be dropped before the cluster.
    pub fn database(&self) -> Database {
        Database::in_cluster(format!(
            "postgres://postgres@127.0.0.1:{}/postgres",
            self.port
        ))
    }

    /// Starts the server again on the same port.
    pub fn start(&mut self) {
        assert!(self.server.is_none(), "the server runs already");
        let data = self.path("data");
        let _ = std::fs::remove_file(data.join("postmaster.pid"));
        let mut command = self.command("postgres");
        command.arg("-D").arg(&data);
        let mut server = command.spawn().expect("postgres can be started");
        let deadline = Instant::now() + PATIENCE;
        while !is_ready(&data, server.id()) {
            let ended = server.try_wait().expect("the server can be waited for");
            assert!(
                ended.is_none() && Instant::now() < deadline,
                "no server: {}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        self.server = Some(server);
    }

    /// Stops the server at once, like a crash (`pg_ctl stop -m immediate`).
    pub fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let id = rustix::process::Pid::from_child(&server);
            // It may be gone already.
            let _ = rustix::process::kill_process(id, rustix::process::Signal::QUIT);
            let _ = server.wait();
        }
    }

    /// The log of the server.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn initialise(&self, settings: &ClusterSettings<'_>) {
        self.make_folders();
        let status = self
            .command("initdb")
            .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"])
            .args(["--no-sync", "--no-instructions", "-D"])
            .arg(self.path("data"))
            .status()
            .expect("initdb can be run");
        assert!(status.success(), "initdb failed: {}", self.log());
        let conf = format!(
            "{}fsync = off\nmax_connections = 30\nshared_buffers = 16MB\n{}\n",
            self.places(),
            settings.conf
        );
        self.write("postgresql.conf", &conf);
        if !settings.hba.is_empty() {
            let hba = format!("local all postgres trust\n{}\n", settings.hba);
            self.write("pg_hba.conf", &hba);
        }
        for (name, content) in settings.files {
            self.write(name, content);
        }
    }

    fn make_folders(&self) {
        // The user that the server runs as has to be able to enter the folder.
        std::fs::set_permissions(self.folder.path(), std::fs::Permissions::from_mode(0o755))
            .unwrap();
        for name in ["data", "sockets"] {
            std::fs::create_dir(self.path(name)).unwrap();
            Self::give_away(&self.path(name), 0o700);
        }
    }

    /// Where the server listens, as lines for `postgresql.conf`.
    fn places(&self) -> String {
        format!(
            "listen_addresses = '127.0.0.1'\nport = {}\nunix_socket_directories = '{}'\n",
            self.port,
            self.path("sockets").display()
        )
    }

    fn write(&self, name: &str, content: &str) {
        let file = self.path("data").join(name);
        std::fs::write(&file, content).unwrap();
        Self::give_away(&file, 0o600);
    }

    fn give_away(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        if rustix::process::geteuid().is_root() {
            chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }

    fn command(&self, program: &str) -> Command {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.path("log"))
            .unwrap();
        let mut command = unprivileged(&self.binaries.join(program));
        command
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .process_group(0);
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}

/// `program`, without root's rights, and ended by the kernel together with the thread that starts it. Uses
/// util-linux's setpriv, because a hook before exec would need unsafe code; if setpriv is missing, only dropping
/// the cluster ends the program.
fn unprivileged(program: &Path) -> Command {
    let root = rustix::process::geteuid().is_root();
    let setpriv = Path::new("/usr/bin/setpriv");
    if cfg!(target_os = "linux") && setpriv.exists() {
        let mut command = Command::new(setpriv);
        command.arg("--pdeathsig=QUIT");
        if root {
            command
                .arg(format!("--reuid={NOBODY}"))
                .arg(format!("--regid={NOBODY}"))
                .arg("--clear-groups");
        }
        command.arg("--").arg(program);
        return command;
    }
    let mut command = Command::new(program);
    if root {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

fn is_ready(data: &Path, pid: u32) -> bool {
    // The eighth line is the state; pg_ctl waits for the same.
    let Ok(text) = std::fs::read_to_string(data.join("postmaster.pid")) else {
        return false;
    };
    let lines: Vec<_> = text.lines().collect();
    lines.first().is_some_and(|line| *line == pid.to_string())
        && lines.get(7).is_some_and(|state| state.trim() == "ready")
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    listener.local_addr().expect("it has an address").port()
}
