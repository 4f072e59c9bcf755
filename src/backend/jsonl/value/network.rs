//! `inet` and `cidr`.

use std::ops::Range;

use super::super::error::ValueError;
use super::integer;

/// `PGSQL_AF_INET` in the binary form, and the value after it.
const IPV4: u8 = 2;
const IPV6: u8 = 3;

/// Appends an address, as written by `inet_send`: family, bits, whether it is a `cidr`, the number of
/// bytes, the bytes. An `inet` of a single host is printed without the length of its network, a `cidr`
/// always with it.
///
/// # Errors
/// The bytes are not an address.
pub(super) fn address(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), ValueError> {
    let damaged = ValueError::Content { what: "address" };
    let [family, bits, is_cidr, length, address @ ..] = bytes else {
        return Err(ValueError::Size { found: bytes.len() });
    };
    if usize::from(*length) != address.len() {
        return Err(damaged);
    }
    out.push(b'"');
    let most = match *family {
        IPV4 => {
            dotted(address.try_into().map_err(|_| damaged)?, out);
            32
        }
        IPV6 => {
            words(address.try_into().map_err(|_| damaged)?, out);
            128
        }
        _ => return Err(damaged),
    };
    if *is_cidr != 0 || *bits != most {
        out.push(b'/');
        integer(*bits, out);
    }
    out.push(b'"');
    Ok(())
}

fn dotted(bytes: [u8; 4], out: &mut Vec<u8>) {
    for (place, byte) in bytes.into_iter().enumerate() {
        if place > 0 {
            out.push(b'.');
        }
        integer(byte, out);
    }
}

/// Leaves out the longest run of zero words, or the first of several; an address that embeds an IPv4
/// address ends with it (PostgreSQL source, `pg_inet_net_ntop`).
fn words(bytes: [u8; 16], out: &mut Vec<u8>) {
    let mut words = [0; 8];
    for (word, pair) in words.iter_mut().zip(bytes.chunks_exact(2)) {
        *word = u16::from_be_bytes([pair[0], pair[1]]);
    }
    let zeros = longest_run_of_zeros(&words);
    for (place, word) in words.iter().enumerate() {
        if zeros.contains(&place) {
            if place == zeros.start {
                out.push(b':');
            }
            continue;
        }
        if place > 0 {
            out.push(b':');
        }
        let embedded = zeros == (0..6) || (zeros == (0..5) && words[5] == 0xffff);
        if place == 6 && embedded {
            let [.., a, b, c, d] = bytes;
            return dotted([a, b, c, d], out);
        }
        hexadecimal(*word, out);
    }
    if zeros.end == words.len() {
        out.push(b':');
    }
}

fn hexadecimal(word: u16, out: &mut Vec<u8>) {
    let digits = [word >> 12, word >> 8 & 15, word >> 4 & 15, word & 15];
    let leading = digits.iter().take_while(|digit| **digit == 0).count();
    for digit in &digits[leading.min(3)..] {
        out.push(b"0123456789abcdef"[usize::from(*digit)]);
    }
}

/// A single zero word is not a run.
fn longest_run_of_zeros(words: &[u16; 8]) -> Range<usize> {
    let (mut longest, mut place) = (0..0, 0);
    while place < words.len() {
        let zeros = words[place..].iter().take_while(|word| **word == 0).count();
        if zeros > longest.len().max(1) {
            longest = place..place + zeros;
        }
        place += zeros.max(1);
    }
    longest
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use super::*;

    fn v6(text: &str, bits: u8, cidr: u8) -> String {
        let mut bytes = vec![IPV6, bits, cidr, 16];
        bytes.extend(text.parse::<Ipv6Addr>().expect("an address").octets());
        let mut out = Vec::new();
        address(&bytes, &mut out).expect("an address");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn the_longest_run_of_zeros_is_left_out() {
        for text in [
            "::",
            "::1",
            "1::",
            "2001:db8::1",
            "2001:db8:0:1:1:1:1:1",
            "1:0:0:2::3",
            "::1.2.3.4",
            "::ffff:1.2.3.4",
            "::2:3:4:5:6:7",
            "fe80::1:0:0:abcd",
        ] {
            assert_eq!(v6(text, 128, 0), format!("\"{text}\""));
        }
        assert_eq!(v6("2001:db8::", 32, 0), "\"2001:db8::/32\"");
        assert_eq!(v6("::1", 128, 1), "\"::1/128\"");
    }

    #[test]
    fn a_host_has_no_length_and_a_network_has() {
        for (bits, cidr, expected) in [
            (32, 0, "\"10.0.5.7\""),
            (24, 0, "\"10.0.5.7/24\""),
            (32, 1, "\"10.0.5.7/32\""),
        ] {
            let mut out = Vec::new();
            address(&[IPV4, bits, cidr, 4, 10, 0, 5, 7], &mut out).expect("an address");
            assert_eq!(out, expected.as_bytes());
        }
        assert!(address(&[IPV4, 32, 0, 4, 10, 0, 5], &mut Vec::new()).is_err());
        assert!(address(&[9, 32, 0, 0], &mut Vec::new()).is_err());
    }
}
