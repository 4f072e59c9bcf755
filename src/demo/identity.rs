//! The user that the server runs as: PostgreSQL refuses to run as root.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use tokio::process::Command;

use super::error::DemoError;

/// The user of the server's processes and files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    uid: u32,
    gid: u32,
    /// Whether this differs from the program's own user, which is then root.
    dropped: bool,
}

impl Identity {
    /// The program's own user, or `nobody` if that is root. `postgres` only if there is no `nobody`: a superuser of
    /// the demo can read whatever its system user can, which may include real clusters.
    ///
    /// # Errors
    /// [`DemoError::NoUnprivilegedUser`] for root on a system without either user.
    pub(super) fn of_server() -> Result<Self, DemoError> {
        let uid = rustix::process::geteuid();
        if !uid.is_root() {
            return Ok(Self {
                uid: uid.as_raw(),
                gid: rustix::process::getegid().as_raw(),
                dropped: false,
            });
        }
        let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        ["nobody", "postgres"]
            .iter()
            .find_map(|name| look_up(&users, name))
            .map(|(uid, gid)| Self {
                uid,
                gid,
                dropped: true,
            })
            .ok_or(DemoError::NoUnprivilegedUser)
    }

    pub(super) const fn uid(self) -> u32 {
        self.uid
    }

    /// Gives a file or folder to the server's user.
    pub(super) fn own(self, path: &Path) -> io::Result<()> {
        if self.dropped {
            std::os::unix::fs::lchown(path, Some(self.uid), Some(self.gid))?;
        }
        Ok(())
    }

    /// A command that runs as the server's user, in a folder that every user can enter, and without the variables
    /// that would change what a PostgreSQL server or client does.
    pub(super) fn command(self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").env("LC_ALL", "C");
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        if self.dropped {
            // This also drops supplementary groups (std::os::unix::process::CommandExt).
            command.uid(self.uid).gid(self.gid);
        }
        command
    }
}

/// The user id and group id of a user in the text of `/etc/passwd`. macOS writes the id of `nobody` as -2.
fn look_up(users: &str, name: &str) -> Option<(u32, u32)> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next()? != name {
            return None;
        }
        let uid = number(fields.nth(1)?)?;
        let gid = number(fields.next()?)?;
        (uid != 0).then_some((uid, gid))
    })
}

fn number(field: &str) -> Option<u32> {
    field.parse::<u32>().ok().or_else(|| {
        field
            .parse::<i32>()
            .ok()
            .map(|negative| u32::from_ne_bytes(negative.to_ne_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use super::look_up;

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        let users = "root:x:0:0::/root:/bin/sh\nnobody2:x:7:7::/:/bin/sh\nnobody:x:65534:65533::/:/bin/sh\n";
        assert_eq!(look_up(users, "nobody"), Some((65534, 65533)));
        assert_eq!(look_up(users, "postgres"), None);
    }

    #[test]
    fn a_negative_id_is_read_as_the_kernel_does() {
        assert_eq!(
            look_up(
                "nobody:*:-2:-2:Unprivileged User:/var/empty:/usr/bin/false",
                "nobody"
            ),
            Some((4_294_967_294, 4_294_967_294))
        );
    }

    #[test]
    fn root_under_another_name_is_nobody_to_become() {
        assert_eq!(look_up("nobody:x:0:0::/:/bin/sh", "nobody"), None);
    }
}
