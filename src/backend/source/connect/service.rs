//! The service file: named sets of options (PostgreSQL documentation, 34.17).

use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::options::{self, Options, OptionsError};

/// Folders of the system-wide service file, as used by the packages of common systems. libpq has one of them
/// compiled in.
const FOLDERS: [&str; 3] = [
    "/etc/postgresql-common",
    "/etc/sysconfig/pgsql",
    "/usr/local/pgsql/etc",
];

/// Why a service has no options. The text never repeats a value, which may be a password.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    #[error("there is no service {name:?} in {}", .files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(", "))]
    Unknown { name: String, files: Vec<PathBuf> },
    #[error("service file {} cannot be read", .file.display())]
    Unread {
        file: PathBuf,
        #[source]
        cause: std::io::Error,
    },
    #[error("service file {}, line {line}: {cause}", .file.display())]
    Line {
        file: PathBuf,
        line: usize,
        cause: OptionsError,
    },
}

/// Returns the options of the service `name`: from the user's own file, which `file` names if it is not the
/// usual one, or else from the system-wide file.
///
/// # Errors
/// [`ServiceError`].
pub fn options(
    name: &str,
    file: Option<&str>,
    environment: &Environment,
) -> Result<Options, ServiceError> {
    let mut files = Vec::new();
    if let Some(named) = file {
        files.push(PathBuf::from(named));
    } else {
        let own = environment.home.as_ref();
        files.extend(own.map(|home| home.join(".pg_service.conf")));
    }
    match environment.variable("PGSYSCONFDIR") {
        Some(folder) => files.push(Path::new(folder).join("pg_service.conf")),
        None => files.extend(FOLDERS.map(|folder| Path::new(folder).join("pg_service.conf"))),
    }
    for (place, path) in files.iter().enumerate() {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            // A file that was named explicitly has to exist.
            Err(_) if !path.exists() && (place > 0 || file.is_none()) => continue,
            Err(cause) => {
                let file = path.clone();
                return Err(ServiceError::Unread { file, cause });
            }
        };
        let section = section(&text, name).map_err(|(line, cause)| ServiceError::Line {
            file: path.clone(),
            line,
            cause,
        })?;
        if let Some(options) = section {
            return Ok(options);
        }
    }
    Err(ServiceError::Unknown {
        name: name.to_owned(),
        files,
    })
}

/// Returns the options of the first section `[name]`, if there is one; if an option appears twice, the first
/// one.
///
/// # Errors
/// The number of a line that contains no valid option, and why.
fn section(text: &str, name: &str) -> Result<Option<Options>, (usize, OptionsError)> {
    let lines = text.lines().map(str::trim).enumerate();
    let mut lines = lines.skip_while(|(_, line)| !is_heading(line, name));
    if lines.next().is_none() {
        return Ok(None);
    }
    let mut found = Options::new();
    for (place, line) in lines.take_while(|(_, line)| !line.starts_with('[')) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let option = options::parse_line(line).map_err(|cause| (place + 1, cause))?;
        for (name, value) in option {
            found.entry(name).or_insert(value);
        }
    }
    Ok(Some(found))
}

fn is_heading(line: &str, name: &str) -> bool {
    line.strip_prefix('[')
        .and_then(|rest| rest.strip_prefix(name))
        .is_some_and(|rest| rest.starts_with(']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# comment
[other]
host=no

[shop]
 host=db.example.com
port=6432
password=a=b c
host=second

[shop]
dbname=no
";

    #[test]
    fn a_service_is_the_first_section_of_its_name() {
        let shop = section(FILE, "shop").expect("options").expect("a section");
        let shop: Vec<_> = shop
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let expected = [
            ("host", "db.example.com"),
            ("password", "a=b c"),
            ("port", "6432"),
        ];
        assert_eq!(shop, expected);
        assert_eq!(section(FILE, "sho"), Ok(None));
    }

    #[test]
    fn a_line_that_is_no_option_is_named_without_what_it_says() {
        for (line, why) in [
            ("s3cret", "no value"),
            ("service=other", "not supported"),
            ("ldap://h/s3cret?a=b", "no option"),
        ] {
            let (number, cause) = section(&format!("[shop]\n{line}"), "shop").expect_err(line);
            let told = cause.to_string();
            assert!(number == 2 && told.contains(why), "{line}: {told}");
            assert!(!told.contains("s3cret"), "{told}");
        }
    }

    #[test]
    fn the_users_own_file_comes_before_everybodys() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).expect("written");
        };
        write(".pg_service.conf", "[mine]\nhost=a\n");
        write("pg_service.conf", "[mine]\nhost=b\n[all]\nhost=c\n");
        let path = folder.path().display().to_string();
        let environment = Environment {
            variables: [("PGSYSCONFDIR".to_owned(), path.clone())].into(),
            home: Some(folder.path().to_owned()),
            user: None,
        };
        let host = |name: &str, file: Option<&str>| {
            let found = options(name, file, &environment);
            found
                .map(|options| options["host"].clone())
                .map_err(|error| error.to_string())
        };
        assert_eq!(host("mine", None).as_deref(), Ok("a"));
        assert_eq!(host("all", None).as_deref(), Ok("c"));
        let named = format!("{path}/pg_service.conf");
        assert_eq!(host("mine", Some(&named)).as_deref(), Ok("b"));
        let none = host("none", None).expect_err("no such service");
        assert!(none.contains("\"none\"") && none.contains(&path), "{none}");
        let missing = host("mine", Some("/nonexistent/file")).expect_err("no such file");
        assert!(missing.contains("cannot be read"), "{missing}");
    }
}
