//! Tables with very many objects.

use super::answers::{Answer, Answers, Asked};
use super::sandbox_at;
use crate::support;

const OBJECTS: usize = 5_000;

fn value<'a>(asked: &'a Asked, parameter: &str) -> Option<&'a str> {
    let (_, query) = asked.line.split_once('?')?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .find(|(name, _)| *name == parameter)
        .map(|(_, value)| value)
}

/// A page of the objects of `payment`, after the requested key.
fn page(asked: &Asked) -> Answer {
    let after = value(asked, "start-after").unwrap_or_default();
    let after = after.replace("%2F", "/");
    let keys = (1..=OBJECTS).map(|number| format!("payment/payment_{number:08}.jsonl"));
    let mut keys: Vec<String> = keys.filter(|key| *key > after).collect();
    let truncated = keys.len() > 1_000;
    keys.truncate(1_000);
    let contents = keys.iter().fold(String::new(), |all, key| {
        all + "<Contents><Key>" + key + "</Key><Size>1</Size></Contents>"
    });
    let listed = format!(
        "<ListBucketResult><IsTruncated>{truncated}</IsTruncated>{contents}</ListBucketResult>"
    );
    Answer("200 OK", listed)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_of_many_objects_are_found_without_listing_all() {
    let Some(database) = support::postgres() else {
        return;
    };
    database
        .run("CREATE TABLE payment (id int, last_updated timestamp)")
        .await;
    let server = Answers::to(|asked| {
        if asked.headers.contains("x-amz-target") {
            let value = r#"{"Name":"/highwater/payment/sequence_id","Type":"String","Value":"5000","Version":7}"#;
            return Answer("200 OK", format!(r#"{{"Parameters":[{value}]}}"#));
        }
        if asked.line.starts_with("HEAD") {
            return Answer("200 OK", String::new());
        }
        page(asked)
    })
    .await;
    let sandbox = sandbox_at(&database, &server.endpoint);
    let words = [
        "--profile",
        "test",
        "objects",
        "payment",
        "--limit",
        "3",
        "--output",
        "json",
    ];
    let listed = sandbox.run(&words).expect_code(0).json();
    let listed = listed.as_array().expect("an array").iter();
    let numbers: Vec<_> = listed
        .map(|object| object["sequence_id"].as_u64())
        .collect();
    assert_eq!(numbers, [Some(5_000), Some(4_999), Some(4_998)]);
    let lists = server
        .seen()
        .iter()
        .filter(|line| line.contains("list-type=2"))
        .count();
    assert_eq!(lists, 2, "{:?}", server.seen());
}
