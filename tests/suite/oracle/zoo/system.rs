//! Types that the server's own catalog uses.

use super::Values;

pub const VALUES: &[Values] = &[
    ("oid", &["0", "26", "4294967295"]),
    ("pg_lsn", &["0/0", "16/B374D848"]),
    ("pg_snapshot", &["10:20:10,14,15"]),
    ("txid_snapshot", &["10:20:10,14,15"]),
    ("xid", &["0", "4294967295"]),
    ("xid8", &["0", "18446744073709551615"]),
    ("cid", &["0", "4294967295"]),
    ("tid", &["(0,1)", "(4294967295,65535)"]),
    ("int2vector", &["", "1 2 -3"]),
    ("oidvector", &["", "1 2 4294967295"]),
    ("aclitem", &["=r/pg_monitor"]),
    ("refcursor", &["cursor \"1\""]),
    ("regclass", &["pg_class"]),
    ("regcollation", &["\"C\""]),
    ("regconfig", &["english"]),
    ("regdictionary", &["simple"]),
    ("regnamespace", &["pg_catalog"]),
    ("regoper", &["!!"]),
    ("regoperator", &["+(integer,integer)"]),
    ("regproc", &["now"]),
    ("regprocedure", &["now()"]),
    ("regrole", &["pg_monitor"]),
    ("regtype", &["integer", "text[]"]),
];
