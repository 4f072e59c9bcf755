//! Other programs that borrow the terminal: an editor for a reason, a pager for what is shown.
//!
//! Each is given a file of its own, which nobody else can read and which is removed afterwards.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::process::ExitStatus;

use tempfile::{Builder, TempPath};
use tokio::process::{Child, Command};

use super::effect::Tool;
use crate::vocabulary::TableName;

/// Exit status of a shell if there is no such program (POSIX, 2.8.2).
const NOT_FOUND: i32 = 127;
/// Lines that start with this are not part of a reason.
const REMARK: char = '#';

/// Looks up an environment variable.
type Variable<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A program, and the file it is given.
pub struct ExternalProgram {
    program: String,
    file: TempPath,
}

impl ExternalProgram {
    /// An editor for the reason of a change to `table`.
    ///
    /// # Errors
    /// Why it is not available, in half a sentence.
    pub fn for_reason(table: &TableName, reason: &str) -> Result<Self, String> {
        let program = Tool::Editor.program(&variable)?;
        let text = format!(
            "{reason}\n\n{REMARK} Why is {table} changed? What you write here goes into its history.\n{REMARK} Lines that begin like this one are left out.\n"
        );
        let file = write(".txt", &text, 0o600).map_err(|error| error.to_string())?;
        Ok(Self { program, file })
    }

    /// A program that shows lines.
    ///
    /// # Errors
    /// Why it is not available, in half a sentence.
    pub fn for_lines(tool: Tool, lines: &str) -> Result<Self, String> {
        let program = tool.program(&variable)?;
        let file = write(".jsonl", lines, 0o400).map_err(|error| error.to_string())?;
        Ok(Self { program, file })
    }

    /// Starts the program. Its name may include arguments, as other programs accept too: a shell splits
    /// it.
    ///
    /// # Errors
    /// Why it cannot be started.
    pub fn start(&self) -> Result<Child, String> {
        let line = format!("{} \"$1\"", self.program);
        let mut command = Command::new("sh");
        command.args(["-c", &line, "sh"]).arg(&*self.file);
        let child = command.kill_on_drop(true).spawn();
        child.map_err(|error| format!("{}: {error}", self.program))
    }

    /// Checks that the program did what it was started for.
    ///
    /// # Errors
    /// Why it has not, in half a sentence.
    pub fn judge(&self, ended: io::Result<ExitStatus>) -> Result<(), String> {
        let program = &self.program;
        match ended {
            Ok(status) if status.success() => Ok(()),
            Ok(status) if status.code() == Some(NOT_FOUND) => {
                Err(format!("there is no program {program}"))
            }
            Ok(status) => Err(format!(
                "{program} failed, {status}; nothing was taken over"
            )),
            Err(error) => Err(format!("{program}: {error}")),
        }
    }

    /// Returns the reason that the file now contains, as one line.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn reason(&self) -> Result<String, String> {
        let written = fs::read_to_string(&self.file);
        let written = written.map_err(|error| format!("what was written: {error}"))?;
        Ok(one_line(&written))
    }
}

impl Tool {
    /// Returns the program that the environment names.
    fn program(self, variable: Variable<'_>) -> Result<String, String> {
        let named = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        match self {
            Self::Editor => named("VISUAL")
                .or_else(|| named("EDITOR"))
                .ok_or_else(|| "neither $VISUAL nor $EDITOR names an editor".to_owned()),
            Self::Pager => Ok(named("PAGER").unwrap_or_else(|| "less".to_owned())),
        }
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn write(suffix: &str, text: &str, mode: u32) -> io::Result<TempPath> {
    let mut named = Builder::new();
    let path = named.prefix("highwater-").suffix(suffix).tempfile()?;
    let path = path.into_temp_path();
    fs::write(&path, text)?;
    fs::set_permissions(&path, Permissions::from_mode(mode))?;
    Ok(path)
}

/// Joins the lines of a text into one: lines of a paragraph with a space, paragraphs with a semicolon.
fn one_line(text: &str) -> String {
    let own = |line: &&str| !line.starts_with(REMARK);
    let mut paragraphs: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in text.lines().filter(own) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if words.is_empty() {
            goes_on = false;
            continue;
        }
        let line = words.join(" ");
        match paragraphs.last_mut().filter(|_| goes_on) {
            Some(paragraph) => {
                paragraph.push(' ');
                paragraph.push_str(&line);
            }
            None => paragraphs.push(line),
        }
        goes_on = true;
    }
    paragraphs.join("; ").replace(char::is_control, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_lines_become_one_and_remarks_are_left_out() {
        for (text, line) in [
            ("late corrections\n", "late corrections"),
            (
                "late corrections\n  from  finance\n",
                "late corrections from finance",
            ),
            (
                "late\n\n\nasked for by Ada\n# a remark\n",
                "late; asked for by Ada",
            ),
            ("# a remark\n\n", ""),
            ("a\ttab and \u{1b}[2J", "a tab and [2J"),
            ("ticket #7", "ticket #7"),
        ] {
            assert_eq!(one_line(text), line, "{text:?}");
        }
    }

    #[test]
    fn the_environment_names_the_program() {
        let named = |tool: Tool, variables: &[(&str, &str)]| {
            tool.program(&|name| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        let both = [("VISUAL", "code -w"), ("EDITOR", "vi")];
        assert_eq!(named(Tool::Editor, &both).as_deref(), Ok("code -w"));
        let empty = [("VISUAL", " "), ("EDITOR", "vi")];
        assert_eq!(named(Tool::Editor, &empty).as_deref(), Ok("vi"));
        assert!(named(Tool::Editor, &[]).is_err());
        assert_eq!(named(Tool::Pager, &[]).as_deref(), Ok("less"));
        assert_eq!(
            named(Tool::Pager, &[("PAGER", "most")]).as_deref(),
            Ok("most")
        );
    }

    #[test]
    fn what_is_only_looked_at_cannot_be_written_and_is_gone_afterwards() {
        let path = write(".jsonl", "{}\n", 0o400).expect("a file");
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o400);
        let name = path.to_path_buf();
        drop(path);
        assert!(!name.exists());
    }
}
