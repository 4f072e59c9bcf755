//! Which certificates are trusted.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::answers::{Answer, Answers};
use super::sandbox_at;
use crate::support::{self, Authority};

/// A TLS server in front of `server`, with a certificate of `authority` for `name`.
async fn encrypted(server: &Answers, authority: &Authority, name: &str) -> String {
    let (certificate, key) = authority.issue_server(&[name]);
    let certificate =
        CertificateDer::from_pem_slice(certificate.as_bytes()).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a server");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let behind = server.endpoint.trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, behind) = (acceptor.clone(), behind.clone());
            tokio::spawn(async move {
                let mut stream = acceptor.accept(stream).await?;
                let mut behind = TcpStream::connect(behind).await?;
                tokio::io::copy_bidirectional(&mut stream, &mut behind).await
            });
        }
    });
    format!("https://localhost:{port}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_that_is_named_is_trusted_instead_of_the_system() {
    let Some(database) = support::postgres() else {
        return;
    };
    database
        .run("CREATE TABLE payment (id int, last_updated timestamp)")
        .await;
    let server = Answers::to(Answer::no_parameters).await;
    let authority = Authority::new();
    let endpoint = encrypted(&server, &authority, "localhost").await;
    let elsewhere = encrypted(&server, &authority, "elsewhere").await;
    let run = |endpoint: &str, bundle: &str, by_file: bool| {
        let mut sandbox = sandbox_at(&database, endpoint);
        let file = sandbox.path().join("bundle.pem");
        std::fs::write(&file, bundle).expect("written");
        if by_file {
            let config = sandbox.path().join("aws-config");
            let text = format!("[default]\nca_bundle = {}\n", file.display());
            std::fs::write(&config, text).expect("written");
            sandbox.set("AWS_CONFIG_FILE", &config.to_string_lossy());
        } else {
            sandbox.set("AWS_CA_BUNDLE", &file.to_string_lossy());
        }
        let get = ["--profile", "test", "params", "get", "payment"];
        sandbox.run(&get)
    };
    let other = Authority::new().pem();
    let unusable = "-----BEGIN CERTIFICATE-----\nbm90aGluZw==\n-----END CERTIFICATE-----\n";
    let both = format!("# of the company\n{unusable}{other}{}", authority.pem());
    for by_file in [false, true] {
        let told = run(&endpoint, &both, by_file);
        assert!(
            !told.stderr.contains("cannot be reached"),
            "{}",
            told.stderr
        );
    }
    // The other authority has the same name.
    for (endpoint, bundle, said, advice) in [
        (&endpoint, other.as_str(), "BadSignature", "AWS_CA_BUNDLE"),
        (&endpoint, "", "UnknownIssuer", "ca-certificates"),
        (
            &elsewhere,
            both.as_str(),
            "not valid for name",
            "renewed or corrected",
        ),
    ] {
        let told = run(endpoint, bundle, false).expect_code(1).stderr;
        assert!(told.contains(said), "{told}");
        assert!(told.contains(advice), "{told}");
    }
}
