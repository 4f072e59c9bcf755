use super::*;
use crate::config::SslMode;

fn config(url: &str) -> SourceConfig {
    SourceConfig::new(url)
}

fn environment(variables: &[(&str, &str)]) -> Environment {
    Environment {
        variables: variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        home: None,
        user: Some("os-user".to_owned()),
    }
}

fn resolve(url: &str, variables: &[(&str, &str)]) -> Target {
    Target::resolve(&config(url), &environment(variables)).unwrap()
}

const EVERYTHING: &[(&str, &str)] = &[
    ("PGHOST", "env-host"),
    ("PGPORT", "6543"),
    ("PGUSER", "env-user"),
    ("PGDATABASE", "env-db"),
    ("PGPASSWORD", "env-password"),
    ("PGSSLMODE", "verify-ca"),
    ("PGCONNECT_TIMEOUT", "9"),
];

#[test]
fn missing_parts_come_from_the_environment() {
    let target = resolve("postgres://", EVERYTHING);
    assert_eq!(target.place(), "env-db @ env-host:6543");
    assert_eq!(target.user, "env-user");
    assert_eq!(target.timeout, Some(Duration::from_secs(9)));
    assert_eq!(
        target.tls.mode(&target.endpoints[0].host),
        SslMode::VerifyCa
    );
    let password = target.stored_password(&target.endpoints[0]).unwrap();
    assert_eq!(password.reveal(), "env-password");
}

#[test]
fn what_the_url_says_beats_the_environment() {
    let url = "postgres://u:p@h:1/d?sslmode=disable&connect_timeout=0";
    let target = resolve(url, EVERYTHING);
    assert_eq!(target.place(), "d @ h:1");
    assert_eq!((target.user.as_str(), target.timeout), ("u", None));
    assert_eq!(target.tls.mode(&target.endpoints[0].host), SslMode::Disable);
    let password = target.stored_password(&target.endpoints[0]).unwrap();
    assert_eq!(password.reveal(), "p");
}

#[test]
fn a_clients_certificate_without_its_key_says_what_is_missing_and_where_to_put_it() {
    for (given, missing) in [("sslcert", "sslkey"), ("sslkey", "sslcert")] {
        let url = format!("postgres://h/?{given}=/a/client.pem");
        let error = Target::resolve(&config(&url), &environment(&[])).unwrap_err();
        let told = error.to_string();
        let parts = [
            format!("{given} is /a/client.pem"),
            format!("no {missing}"),
            format!("source.{missing}"),
            format!("PG{}", missing.to_uppercase()),
        ];
        for part in parts {
            assert!(told.contains(&part), "{part:?} is missing in: {told}");
        }
    }
}

#[test]
fn the_profiles_own_sslmode_beats_the_url() {
    let mut config = config("postgres://h/?sslmode=disable");
    config.sslmode = Some(SslMode::VerifyFull);
    let target = Target::resolve(&config, &environment(&[])).unwrap();
    assert_eq!(
        target.tls.mode(&target.endpoints[0].host),
        SslMode::VerifyFull
    );
}

#[test]
fn the_rest_is_libpqs_default() {
    let target = resolve("postgres://h", &[]);
    assert_eq!(target.place(), "os-user @ h:5432");
    assert_eq!(target.timeout, Some(PATIENCE));
    assert!(target.stored_password(&target.endpoints[0]).is_none());
}

#[test]
fn hosts_have_their_ports_addresses_and_sockets() {
    let target = resolve("postgres://a,b:1,[::1]:2,%2Frun%2Fpg/d", &[]);
    assert_eq!(target.place(), "d @ a:5432,b:1,[::1]:2,/run/pg:5432");
    let target = resolve("host=a,b hostaddr=10.0.0.1,10.0.0.2 port=7 dbname=d", &[]);
    assert_eq!(target.place(), "d @ a:7,b:7");
    let Host::Address { address, .. } = &target.endpoints[1].host else {
        panic!("{:?}", target.endpoints[1]);
    };
    assert_eq!(address.to_string(), "10.0.0.2");
}

#[test]
fn the_password_file_is_asked_last_and_for_the_endpoint() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(".pgpass");
    std::fs::write(&file, "b:5432:d:u:for-b\n").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let mut environment = environment(&[]);
    environment.home = Some(folder.path().to_owned());
    let target = Target::resolve(&config("postgres://u@a,b/d"), &environment).unwrap();
    let found: Vec<_> = target
        .endpoints
        .iter()
        .map(|endpoint| {
            target
                .stored_password(endpoint)
                .map(|password| password.reveal().to_owned())
        })
        .collect();
    assert_eq!(found, [None, Some("for-b".to_owned())]);
}

#[test]
fn an_option_that_cannot_be_used_is_named() {
    for (url, option) in [
        ("postgres://h:x/", "port"),
        ("postgres://h:70000/", "port"),
        ("postgres://a,b/?port=1,2,3", "port"),
        ("postgres://h/?sslmode=verify", "sslmode"),
        ("postgres://h/?connect_timeout=soon", "connect_timeout"),
        (
            "postgres://h/?target_session_attrs=x",
            "target_session_attrs",
        ),
        ("postgres://h/?hostaddr=h", "hostaddr"),
    ] {
        let error = Target::resolve(&config(url), &environment(&[])).unwrap_err();
        assert!(error.to_string().contains(option), "{url}: {error}");
    }
}

#[test]
fn nothing_that_can_be_printed_holds_the_password() {
    let target = resolve("postgres://u:s3cret@h/d", &[]);
    assert!(!format!("{target:?} {}", target.place()).contains("s3cret"));
}

#[test]
fn a_variable_that_promises_what_is_not_done_is_refused_and_one_without_effect_is_not() {
    let refused = |variable: &str, value: &str| {
        let environment = environment(&[(variable, value)]);
        let resolved = Target::resolve(&config("postgres://h/d"), &environment);
        resolved.err().map(|error| error.to_string())
    };
    for (variable, value) in [
        ("PGREQUIREAUTH", "scram-sha-256"),
        ("PGREQUIREPEER", "postgres"),
        ("PGGSSENCMODE", "require"),
        ("PGSSLCRL", "/a/file"),
    ] {
        let told = refused(variable, value).expect(variable);
        assert!(told.contains(variable) && !told.contains(value), "{told}");
    }
    for (variable, value) in [
        ("PGGSSENCMODE", "disable"),
        ("PGSSLCERTMODE", "allow"),
        ("PGSSLMINPROTOCOLVERSION", "TLSv1.2"),
        ("PGAPPNAME", "x"),
    ] {
        assert_eq!(refused(variable, value), None, "{variable}");
    }
}

#[test]
fn a_service_stands_behind_what_is_given_and_before_the_variables() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("services").display().to_string();
    let service = "[shop]\nhost=service-host\nport=6000\nuser=service-user\nsslmode=disable\n";
    std::fs::write(&file, service).unwrap();
    for (url, named) in [
        ("postgres:///d?service=shop", None),
        ("postgres:///d", Some(("PGSERVICE", "shop"))),
    ] {
        let mut variables = EVERYTHING.to_vec();
        variables.retain(|(name, _)| *name != "PGSSLMODE");
        variables.push(("PGSERVICEFILE", &file));
        variables.extend(named);
        let target = resolve(url, &variables);
        assert_eq!(target.place(), "d @ service-host:6000");
        assert_eq!(target.user, "service-user");
        assert_eq!(target.timeout, Some(Duration::from_secs(9)));
        let mode = target.tls.mode(&target.endpoints[0].host);
        assert_eq!(mode, SslMode::Disable);
    }
    let unknown = Target::resolve(
        &config("postgres:///d?service=other"),
        &environment(&[("PGSERVICEFILE", &file)]),
    );
    let told = unknown.unwrap_err().to_string();
    assert!(told.contains("\"other\"") && told.contains(&file), "{told}");
}

#[test]
fn tls_is_begun_directly_only_where_nothing_weaker_would_do() {
    let direct = |mode: &str| {
        let url = format!("postgres://h/d?sslnegotiation=direct&sslmode={mode}");
        Target::resolve(&config(&url), &environment(&[])).map(|target| target.negotiation)
    };
    for mode in ["require", "verify-ca", "verify-full", ""] {
        assert_eq!(direct(mode).unwrap(), SslNegotiation::Direct, "{mode}");
    }
    for mode in ["disable", "allow", "prefer"] {
        let told = direct(mode).unwrap_err().to_string();
        assert!(told.contains("sslnegotiation"), "{told}");
    }
    let usual = resolve("postgres://h/d?sslnegotiation=postgres&sslmode=prefer", &[]);
    assert_eq!(usual.negotiation, SslNegotiation::Postgres);
}

#[test]
fn keepalives_of_zero_are_left_to_the_default() {
    let zero = "keepalives_count=0&keepalives_idle=0&keepalives_interval=0&tcp_user_timeout=0";
    let target = resolve(&format!("postgres://h/d?{zero}"), &[]);
    assert_eq!(target.keepalive, resolve("postgres://h/d", &[]).keepalive);
}
