//! A private PostgreSQL cluster, for tests that restart a server or change its settings.

use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{Database, server};

/// Nobody: `initdb` and `postgres` refuse root.
const NOBODY: u32 = 65534;
const PATIENCE: Duration = Duration::from_mins(1);

/// A running server that ends, and whose files go, with this value (and with the test's process).
pub struct Cluster {
    folder: tempfile::TempDir,
    binaries: PathBuf,
    server: Option<Child>,
    port: u16,
}

/// What a cluster is made of.
#[derive(Default)]
pub struct ClusterSettings<'a> {
    /// Lines for `postgresql.conf`.
    pub conf: &'a str,
    /// The whole of `pg_hba.conf`; empty leaves trust for everybody.
    pub hba: &'a str,
    /// Files to put into the data folder: name and content.
    pub files: &'a [(&'a str, String)],
    /// Statements for the superuser to run once it answers, over the socket.
    pub statements: &'a str,
}

/// The folder of `initdb` and `postgres`, or `None` (said on stderr) where there are none.
pub fn server_programs() -> Option<PathBuf> {
    let variable = "HIGHWATER_TEST_POSTGRES_BIN";
    server(variable, "the programs of a PostgreSQL server").map(PathBuf::from)
}

/// A started cluster, or `None` (said on stderr) where there are no server binaries.
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

    /// A URL over the socket, by which the superuser always gets in.
    pub fn socket_url(&self, user: &str, database: &str) -> String {
        let sockets = self
            .path("sockets")
            .display()
            .to_string()
            .replace('/', "%2F");
        format!("postgres://{user}@{sockets}:{}/{database}", self.port)
    }

    /// A hot standby of it, which follows it from now on.
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
        // Of two lines for one setting, the last counts.
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

    /// A fresh database in it, to be dropped before the cluster.
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

    /// Stops the server at once, as a crash would (`pg_ctl stop -m immediate`).
    pub fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let id = rustix::process::Pid::from_child(&server);
            // Gone already is as good.
            let _ = rustix::process::kill_process(id, rustix::process::Signal::QUIT);
            let _ = server.wait();
        }
    }

    /// What the server wrote.
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
        // Whoever the server runs as has to walk through it.
        std::fs::set_permissions(self.folder.path(), std::fs::Permissions::from_mode(0o755))
            .unwrap();
        for name in ["data", "sockets"] {
            std::fs::create_dir(self.path(name)).unwrap();
            Self::give_away(&self.path(name), 0o700);
        }
    }

    /// Where it listens, as lines for `postgresql.conf`.
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

/// `program`, without root's rights, and ended by the kernel with the thread that starts it. Through
/// util-linux's setpriv, because a hook before exec needs unsafe code; where that is missing,
/// dropping the cluster is what ends it.
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
