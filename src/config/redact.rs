//! Keeps secrets out of everything that is shown.

use std::fmt;

use super::SourceConfig;

const HIDDEN: &str = "***";

/// `url` without its secrets: `postgres://reader:***@host/db`.
///
/// Hides the password before the host and the parameters `password` and `sslpassword` (PostgreSQL documentation,
/// 34.1.1.2). This also covers a password with unescaped `@`, `/` or `?`: everything that may be part of it is
/// hidden.
#[must_use]
pub fn redact_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return HIDDEN.to_owned();
    };
    let (user, rest) = match rest.rsplit_once('@') {
        // Either an @ in a parameter's value, or a ? in the password: there is no telling which.
        Some((userinfo, _)) if userinfo.contains('?') => (String::new(), HIDDEN),
        Some((userinfo, rest)) => (hide_password(userinfo), rest),
        None => (String::new(), rest),
    };
    format!("{scheme}://{user}{}", hide_parameters(rest))
}

/// `text` as an error may quote it: without secrets if it is a URL.
pub(super) fn shown(text: &str) -> String {
    if text.contains("://") {
        format!("{:?}", redact_url(text))
    } else {
        format!("{text:?}")
    }
}

fn hide_password(userinfo: &str) -> String {
    userinfo.split_once(':').map_or_else(
        || format!("{userinfo}@"),
        |(user, _)| format!("{user}:{HIDDEN}@"),
    )
}

fn hide_parameters(rest: &str) -> String {
    let Some((before, query)) = rest.split_once('?') else {
        return rest.to_owned();
    };
    let parameters: Vec<String> = query
        .split('&')
        .map(|parameter| match parameter.split_once('=') {
            Some((key, _)) if key.to_ascii_lowercase().contains("password") => {
                format!("{key}={HIDDEN}")
            }
            _ => parameter.to_owned(),
        })
        .collect();
    format!("{before}?{}", parameters.join("&"))
}

impl fmt::Debug for SourceConfig {
    /// Everything but the password and the arguments of the command that prints it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let command = self.password_command.as_ref().and_then(|c| c.first());
        f.debug_struct("SourceConfig")
            .field("url", &redact_url(&self.url))
            .field("password_command", &command)
            .field("sslmode", &self.sslmode)
            .field("sslrootcert", &self.sslrootcert)
            .field("sslcert", &self.sslcert)
            .field("sslkey", &self.sslkey)
            .field("tables", &self.tables)
            .field("exclude", &self.exclude)
            .field("timestamp_columns", &self.timestamp_columns)
            .field("timezone", &self.timezone)
            .field("settle", &self.settle)
            .field("horizon_ignore", &self.horizon_ignore)
            .field("max_connections", &self.max_connections)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_rest_of_a_url_can_still_be_read() {
        for (url, expected) in [
            (
                "postgres://reader:hunter2@db:5432/totesys",
                "postgres://reader:***@db:5432/totesys",
            ),
            (
                "postgres://reader@db/totesys",
                "postgres://reader@db/totesys",
            ),
            ("postgres://db", "postgres://db"),
            ("postgres://", "postgres://"),
            (
                "postgres:///d?host=/run&password=x&sslmode=require",
                "postgres:///d?host=/run&password=***&sslmode=require",
            ),
            (
                "postgres://u:p@a,b:5433/d?sslPassword=x",
                "postgres://u:***@a,b:5433/d?sslPassword=***",
            ),
            ("host=db password=x", "***"),
            ("postgres://u:p?x@db/d", "postgres://***"),
        ] {
            assert_eq!(redact_url(url), expected);
        }
    }

    proptest! {
        #[test]
        fn no_password_is_ever_shown(password in "[ -~]{0,6}SECRET[ -~]{0,6}", place in 0..3) {
            let url = match place {
                0 => format!("postgres://reader:{password}@db/totesys"),
                1 => format!("postgresql://reader:{password}@a,b/totesys?sslmode=require"),
                _ => format!("postgres://db/totesys?password={}", password.replace('&', "")),
            };
            prop_assert!(!redact_url(&url).contains("SECRET"), "{}", redact_url(&url));
            let shown = format!("{:?}", SourceConfig::new(url));
            prop_assert!(!shown.contains("SECRET"), "{}", shown);
        }
    }
}
