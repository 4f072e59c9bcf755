//! Bytes, bits and addresses.

use super::Values;

pub const VALUES: &[Values] = &[
    (
        "uuid",
        &[
            "00000000-0000-0000-0000-000000000000",
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
        ],
    ),
    ("bytea", &["", "\\x00", "\\xdeadbeef", "\\x5c22", "text"]),
    ("bit", &["0", "1"]),
    ("bit(5)", &["10101"]),
    ("varbit", &["", "1", "0000011111"]),
    (
        "inet",
        &[
            "127.0.0.1",
            "10.1.2.3/8",
            "::1",
            "2001:db8::/32",
            "::ffff:1.2.3.4",
        ],
    ),
    ("cidr", &["10.0.0.0/8", "2001:db8::/32"]),
    ("macaddr", &["08:00:2b:01:02:03"]),
    ("macaddr8", &["08:00:2b:01:02:03:04:05"]),
];
