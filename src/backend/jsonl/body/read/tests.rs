use std::io::Write as _;

use proptest::prelude::*;

use super::*;

/// All rows of a body, and the error it ends with, if any.
fn read(body: &[u8]) -> (Vec<String>, Option<BodyError>) {
    let mut rows = Vec::new();
    let mut reader = BodyReader::new(body).expect("bytes in memory");
    loop {
        match reader.next_row() {
            Ok(Some(row)) => rows.push(row.to_owned()),
            Ok(None) => return (rows, None),
            Err(error) => return (rows, Some(error)),
        }
    }
}

fn rows(body: &str) -> Vec<String> {
    let (rows, error) = read(body.as_bytes());
    assert!(error.is_none(), "{error:?}");
    rows
}

#[test]
fn lines_and_arrays_are_told_apart_by_their_first_byte() {
    let expected = ["{\"a\":\"],[\"}", "{\"a\":\"\\\"}\"}"];
    assert_eq!(rows("{\"a\":\"],[\"}\n{\"a\":\"\\\"}\"}\n"), expected);
    assert_eq!(rows("\n \n"), [""; 0]);
    assert_eq!(
        rows("\u{feff}{\"a\":\"],[\"}\r\n\r\n{\"a\":\"\\\"}\"}"),
        expected
    );
    assert_eq!(rows(" [{\"a\":\"],[\"},\n{\"a\":\"\\\"}\"}]"), expected);
    assert_eq!(rows("[]"), [""; 0]);
    assert_eq!(rows(""), [""; 0]);
}

#[test]
fn a_row_of_a_pretty_printed_array_comes_on_one_line() {
    let body = "[\n    {\n        \"a\": 1,\n        \"b\": [\n            \"x  y\"\n        ]\n    },\n    {\n        \"a\": 2\n    }\n]\n";
    assert_eq!(rows(body), ["{\"a\": 1,\"b\": [\"x  y\"]}", "{\"a\": 2}"]);
}

#[test]
fn what_is_cut_off_gives_its_whole_rows_first() {
    for body in [
        "{\"a\":1}\n{\"a\":",
        "[{\"a\":1},\n{\"a\":",
        "[{\"a\":1},",
        "[{\"a\":1}\n",
    ] {
        let (rows, error) = read(body.as_bytes());
        assert_eq!(rows, ["{\"a\":1}"], "{body}");
        assert!(
            matches!(error, Some(BodyError::CutOff { rows: 1 })),
            "{body}"
        );
    }
}

#[test]
fn what_holds_no_rows_is_refused() {
    let error = |body: &[u8]| read(body).1.expect("an error");
    assert!(matches!(
        error(b"<xml>"),
        BodyError::NotRows { first: b'<' }
    ));
    assert!(matches!(
        error(b"\xefab{\"a\":1}"),
        BodyError::NotRows { first: 0xef }
    ));
    assert!(matches!(
        error(b"[{}{}]"),
        BodyError::Misplaced {
            rows: 0,
            found: b'{'
        }
    ));
    assert!(matches!(
        error(b"[{},]"),
        BodyError::Misplaced {
            rows: 1,
            found: b']'
        }
    ));
    assert!(matches!(
        error(b"[{}] {}"),
        BodyError::Misplaced {
            rows: 1,
            found: b'{'
        }
    ));
    assert!(matches!(
        error(b"{\"\xff\"}\n"),
        BodyError::NotText { rows: 0 }
    ));
}

#[test]
fn a_compressed_body_that_ends_early_is_cut_off() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(b"{\"a\":1}\n").expect("memory");
    let body = gzip.finish().expect("memory");
    assert_eq!(read(&body).0, ["{\"a\":1}"]);
    let (_, error) = read(&body[..body.len() - 9]);
    assert!(matches!(error, Some(BodyError::CutOff { .. })), "{error:?}");
}

proptest! {
    #[test]
    fn no_bytes_at_all_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        read(&body);
        read(&[b"[".as_slice(), &body].concat());
        read(&[b"{".as_slice(), &body].concat());
        read(&[GZIP.as_slice(), &body].concat());
        read(&[ZSTD.as_slice(), &body].concat());
    }
}

#[test]
fn a_row_without_end_is_damage_and_fills_no_memory() {
    for body in ["{\"a\": \"0123456789\"}\n", "[{\"a\": \"0123456789\"}]"] {
        let body = format!("{}{body}", if body.starts_with('[') { "" } else { "{}\n" });
        let mut reader = BodyReader::new(body.as_bytes()).expect("bytes in memory");
        reader.longest = 10;
        let rows = u64::from(!body.starts_with('['));
        for _ in 0..rows {
            assert_eq!(reader.next_row().expect("a short row"), Some("{}"));
        }
        let error = reader.next_row().expect_err("a long row");
        assert!(
            matches!(error, BodyError::TooLong { rows: read, .. } if read == rows),
            "{error:?}"
        );
        assert!(error.to_string().ends_with("longer than 10 B"), "{error}");
    }
}
