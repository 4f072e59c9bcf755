//! Who runs this process.

use std::sync::LazyLock;

use rustix::process::getuid;

/// The login name of the user who runs this process, for the record of who wrote what.
///
/// Taken from `/etc/passwd` by the process's real user id. A user who is not listed there (directory
/// services, containers) is named by `USER` or `LOGNAME`, or else by the bare id: `uid 1000`. Looked up only
/// once, because every write of a local parameter and of the journal names the user.
#[must_use]
pub fn os_user() -> String {
    static NAME: LazyLock<String> = LazyLock::new(look_up);
    NAME.clone()
}

fn look_up() -> String {
    let uid = getuid().as_raw();
    std::fs::read_to_string("/etc/passwd")
        .ok()
        .and_then(|passwd| name_of(uid, &passwd))
        .or_else(|| {
            ["USER", "LOGNAME"]
                .into_iter()
                .find_map(|variable| std::env::var(variable).ok().filter(|name| !name.is_empty()))
        })
        .unwrap_or_else(|| format!("uid {uid}"))
}

/// The name of `uid` in the format of passwd(5): `name:password:uid:…`.
fn name_of(uid: u32, passwd: &str) -> Option<String> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_that_of_the_user_id() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\n# odd\nada:x:1000:1000::/home/ada:/bin/sh\n";
        assert_eq!(name_of(1000, passwd).as_deref(), Some("ada"));
        assert_eq!(name_of(100, passwd), None);
    }
}
