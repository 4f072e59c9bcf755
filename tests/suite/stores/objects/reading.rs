//! Listings and ranges.

use highwater::backend::objects::Commit;
use highwater::vocabulary::ObjectKey;

use super::{body, object, subjects};

#[tokio::test]
async fn a_listing_is_in_the_order_of_keys_and_honours_prefix_after_and_limit() {
    let keys = [
        "a-b.jsonl",
        "a.jsonl",
        "a/1.jsonl",
        "a/b/2.jsonl",
        "a0.jsonl",
        "payment/payment_00000001.jsonl",
        "payment/payment_00000002.jsonl",
        "payment_type/payment_type_00000001.jsonl",
    ];
    for subject in subjects().await {
        for key in keys.iter().rev() {
            subject.plant(key, b"{}\n").await;
        }
        let created = subject.create(object("z.jsonl"), &body(100)).await;
        assert_eq!(created, Commit::Created);
        let name = &subject.name;
        let all: Vec<&str> = keys.into_iter().chain(["z.jsonl"]).collect();
        assert_eq!(subject.keys("", None, 100).await, all, "{name}");
        assert_eq!(subject.keys("", None, 3).await, &all[..3], "{name}");
        assert_eq!(subject.keys("", None, 0).await, [""; 0], "{name}");
        assert_eq!(subject.keys("a/", None, 9).await, &all[2..4], "{name}");
        assert_eq!(
            subject.keys("payment/p", None, 9).await,
            &all[5..7],
            "{name}"
        );
        assert_eq!(subject.keys("payment", None, 9).await, &all[5..8], "{name}");
        assert_eq!(subject.keys("nothing", None, 9).await, [""; 0], "{name}");
        let after = subject.keys("", Some("a/1.jsonl"), 2).await;
        assert_eq!(after, &all[3..5], "{name}");
        let after = subject.keys("payment/", Some(all[5]), 9).await;
        assert_eq!(after, &all[6..7], "{name}");
        let after = subject.keys("", Some("a/b"), 2).await;
        assert_eq!(after, &all[3..5], "{name}: a key that is not there");
    }
}

#[tokio::test]
async fn a_listing_goes_on_beyond_the_thousand_keys_of_one_answer() {
    for subject in subjects().await {
        // moto takes ten times as long to fill.
        if subject.name == "moto" {
            continue;
        }
        let expected: Vec<String> = (0..1_003).map(|n| format!("t/{n:04}.jsonl")).collect();
        for keys in expected.chunks(16) {
            futures_util::future::join_all(keys.iter().map(|key| subject.plant(key, b"x"))).await;
        }
        let all = subject.keys("t/", None, usize::MAX).await;
        assert!(all == expected, "{}: {} keys", subject.name, all.len());
        let some = subject.keys("t/", None, 1_001).await;
        assert!(some == expected[..1_001], "{}", subject.name);
    }
}

#[tokio::test]
async fn a_range_is_cut_at_the_end_of_the_body() {
    for subject in subjects().await {
        subject.plant("a.jsonl", b"0123456789").await;
        subject.plant("empty.jsonl", b"").await;
        for (key, offset, length, expected) in [
            ("a.jsonl", 0, 4, "0123"),
            ("a.jsonl", 4, 3, "456"),
            ("a.jsonl", 8, 100, "89"),
            ("a.jsonl", 0, u64::MAX, "0123456789"),
            ("a.jsonl", 10, 5, ""),
            ("a.jsonl", 1_000, 5, ""),
            ("a.jsonl", 3, 0, ""),
            ("empty.jsonl", 0, 5, ""),
        ] {
            let read = subject
                .store
                .read(&ObjectKey::new(key), offset, length)
                .await;
            let read = read.expect(&subject.name).expect(&subject.name);
            assert_eq!(read, expected, "{}: {offset}, {length}", subject.name);
        }
    }
}
