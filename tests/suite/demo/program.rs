//! Another program that uses the demo and can be killed.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use highwater::demo::Demo;
use highwater::demo::binaries::Search;
use rustix::fs::Mode;

use super::{State, quietly, seed};

/// This very test binary, as another program that uses the demo.
pub struct Program {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
}

const ROLE: &str = "HIGHWATER_TEST_DEMO_ROLE";
const FOLDER: &str = "HIGHWATER_TEST_DEMO_STATE";

impl Program {
    pub fn run(state: &State, role: &str, environment: &[(&str, &str)]) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "demo::program::another_program", "--nocapture"])
            .env(ROLE, role)
            .env(FOLDER, state.path())
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    pub fn wait_for(&mut self, line: &str) {
        let mut read = String::new();
        while read.trim() != line {
            read.clear();
            assert!(
                self.output.read_line(&mut read).unwrap() > 0,
                "ended without saying {line}"
            );
        }
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn finish(mut self) -> String {
        let mut output = String::new();
        self.output.read_to_string(&mut output).unwrap();
        self.child.wait().unwrap();
        output
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended long ago.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Not a test, but what [`Program`] runs.
#[tokio::test]
async fn another_program() {
    let (Ok(role), Ok(folder)) = (std::env::var(ROLE), std::env::var(FOLDER)) else {
        return;
    };
    let folder = Path::new(&folder);
    let nowhere = Search::only("", folder.join("cache"));
    let demo = match role.as_str() {
        "stay" => Demo::locate(folder),
        "without-binaries" => Demo::locate(folder).with_binaries(nowhere),
        // In the place where the binary looks for its demo as well; and with the strictest umask, since another
        // user reads the files if the tests run as root.
        "fetch" => {
            rustix::process::umask(Mode::RWXG | Mode::RWXO);
            Demo::locate(&folder.join("highwater")).with_binaries(nowhere)
        }
        other => panic!("no role {other}"),
    };
    let server = match demo.start(&quietly).await {
        Ok(server) => server,
        Err(error) => {
            println!("{error}");
            return;
        }
    };
    seed(&server).await;
    println!("\nready");
    std::future::pending::<()>().await;
}
