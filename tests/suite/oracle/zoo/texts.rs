//! Texts, and the types for searching them.

use super::Values;

const STRINGS: [&str; 12] = [
    "",
    " ",
    "plain",
    "\u{1}\u{2}\u{8}\t\n\u{b}\u{c}\r\u{e}\u{1f}\u{7f}",
    "\"quoted\" \\ / \\\\ '",
    "é ß 漢字 🦀 👩‍👩‍👧",
    "\u{80}\u{9f}\u{a0}\u{2028}\u{2029}\u{feff}\u{fffd}\u{10ffff}",
    "</script>&",
    "\\u0000 \\n",
    "12345678\"",
    "1234567\n12345678\\12345678",
    "null",
];

pub const VALUES: &[Values] = &[
    ("text", &STRINGS),
    ("varchar", &STRINGS),
    ("varchar(20)", &["", "twenty characters ok", "é\"\\"]),
    ("char(5)", &["", "a", "abcde", "é\"\\"]),
    ("bpchar", &["", "a  ", "\t"]),
    ("name", &["", "plain", "\"q\" \\ \n é"]),
    ("\"char\"", &["", "x", "\"", "\\", "\n"]),
    ("tsvector", &["", "a:1 b:2,3A 'it''s':4"]),
    ("tsquery", &["", "a & (b | !c:*)", "'it''s' <-> b"]),
];
