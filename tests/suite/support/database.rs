//! A separate database for every test.

use tokio_postgres::{Client, NoTls};

use super::{block_on, server, unique};

/// A fresh database in the cluster of `tests/run`, dropped at the end of the test.
pub struct Database {
    cluster: String,
    name: String,
}

/// A fresh database; `None` (with a note on stderr) if there is no server.
pub fn postgres() -> Option<Database> {
    let cluster = server("HIGHWATER_TEST_POSTGRES", "PostgreSQL")?;
    Some(Database::in_cluster(cluster))
}

impl Database {
    /// A fresh database in the cluster at the URL `cluster`, which connects as superuser.
    pub fn in_cluster(cluster: String) -> Self {
        let name = unique("highwater");
        block_on(execute(&cluster, &format!("CREATE DATABASE \"{name}\"")));
        Self { cluster, name }
    }

    /// The URL of the database, as superuser.
    pub fn url(&self) -> String {
        let (server, _) = self
            .cluster
            .rsplit_once('/')
            .expect("the cluster's URL names a database");
        format!("{server}/{}", self.name)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A connection, as superuser. It ends when the client is dropped.
    pub async fn client(&self) -> Client {
        connect(&self.url()).await
    }

    /// Runs these statements, as superuser.
    pub async fn run(&self, statements: &str) {
        execute(&self.url(), statements).await;
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE IF EXISTS \"{}\" WITH (FORCE)", self.name);
        // Avoid a second panic on top of the one of a failing test.
        if !std::thread::panicking() {
            block_on(execute(&self.cluster, &statement));
        }
    }
}

/// A connection. It ends when the client is dropped.
pub async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .unwrap_or_else(|error| panic!("cannot connect to {url}: {error}"));
    // The client notices how the connection ends.
    tokio::spawn(connection);
    client
}

pub(super) async fn execute(url: &str, statement: &str) {
    let client = connect(url).await;
    if let Err(error) = client.batch_execute(statement).await {
        panic!("{statement}: {error:?}");
    }
}
