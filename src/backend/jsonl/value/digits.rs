//! Digits of fixed width, two at a time.

/// `00` to `99`, one after another.
static PAIRS: [[u8; 2]; 100] = pairs();

const fn pairs() -> [[u8; 2]; 100] {
    let mut table = [[0; 2]; 100];
    let mut value: u8 = 0;
    while value < 100 {
        table[value as usize] = [b'0' + value / 10, b'0' + value % 10];
        value += 1;
    }
    table
}

/// The last two digits of a number.
#[inline]
pub(super) fn two(value: u32) -> [u8; 2] {
    PAIRS[(value % 100) as usize]
}

/// The last four digits of a number.
#[inline]
pub(super) fn four(value: u32) -> [u8; 4] {
    let [a, b] = two(value / 100);
    let [c, d] = two(value);
    [a, b, c, d]
}
