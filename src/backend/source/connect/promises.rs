//! Options that change what a connection promises, but that are not implemented here.

/// An option of this kind. If it asks for what holds here anyway, it is accepted; otherwise it is refused,
/// because whoever set it relies on it.
pub struct Promise {
    pub option: &'static str,
    /// The environment variable for it, if there is one.
    pub variable: Option<&'static str>,
    /// The values that describe what holds here anyway.
    kept: &'static [&'static str],
}

impl Promise {
    const fn new(
        option: &'static str,
        variable: Option<&'static str>,
        kept: &'static [&'static str],
    ) -> Self {
        Self {
            option,
            variable,
            kept,
        }
    }

    /// Whether `value` asks for nothing that does not hold. An empty value counts as none.
    #[must_use]
    pub fn is_kept(&self, value: &str) -> bool {
        value.is_empty() || self.kept.contains(&value)
    }
}

/// PostgreSQL documentation, 34.1.2 and 34.15. TLS 1.2 is the lowest version ever used, and 3.0 the only version
/// of PostgreSQL's own protocol.
pub const PROMISES: [Promise; 13] = [
    Promise::new("gssencmode", Some("PGGSSENCMODE"), &["disable", "prefer"]),
    Promise::new(
        "max_protocol_version",
        Some("PGMAXPROTOCOLVERSION"),
        &["3.0", "3.2", "latest"],
    ),
    Promise::new(
        "min_protocol_version",
        Some("PGMINPROTOCOLVERSION"),
        &["3.0"],
    ),
    Promise::new("replication", None, &["false", "off", "no", "0"]),
    Promise::new("require_auth", Some("PGREQUIREAUTH"), &[]),
    Promise::new("requirepeer", Some("PGREQUIREPEER"), &[]),
    Promise::new("requiressl", None, &["0"]),
    Promise::new(
        "ssl_max_protocol_version",
        Some("PGSSLMAXPROTOCOLVERSION"),
        &["TLSv1.3"],
    ),
    Promise::new(
        "ssl_min_protocol_version",
        Some("PGSSLMINPROTOCOLVERSION"),
        &["TLSv1", "TLSv1.1", "TLSv1.2"],
    ),
    Promise::new("sslcertmode", Some("PGSSLCERTMODE"), &["allow"]),
    Promise::new("sslcrl", Some("PGSSLCRL"), &[]),
    Promise::new("sslcrldir", Some("PGSSLCRLDIR"), &[]),
    Promise::new("sslpassword", None, &[]),
];
