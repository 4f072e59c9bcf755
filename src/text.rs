//! Text that comes from outside, made safe and measured.
//!
//! What a database or a store holds may contain escape sequences, direction marks and zero-width characters, meant to
//! break a terminal or to make one thing look like another. All such text reaches the screen through [`visible`].

use std::fmt::Write as _;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Combining marks that one base character may carry; any more are shown as escapes.
const MARKS: usize = 3;

/// `text` with everything that is not plainly printable as a visible escape: `\n`, `\u{202e}`.
///
/// Escaped are control characters, direction marks (Unicode UAX 9), zero-width characters, combining marks without a
/// base or too many of them on one base, and what makes one emoji of several characters (variation selectors, skin
/// tones, the letters of flags): terminals disagree about how many columns it then takes.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    // A mark at the start has no base to belong to.
    let mut marks = MARKS;
    for c in text.chars() {
        let width = c.width().unwrap_or(0);
        if is_plain(c) && (width > 0 || marks < MARKS) {
            shown.push(c);
            marks = if width > 0 { 0 } else { marks + 1 };
        } else {
            escape(c, &mut shown);
            marks = 0;
        }
    }
    shown
}

/// A line of JSON with the same characters as JSON escapes: any reader still gets the same value.
#[must_use]
pub fn visible_json(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    for c in line.chars() {
        if is_plain(c) {
            shown.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a String cannot fail.
            let _ = write!(shown, "\\u{unit:04x}");
        }
    }
    shown
}

fn is_plain(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{1f1e6}'..='\u{1f1ff}' | '\u{1f3fb}'..='\u{1f3ff}'
            | '\u{e0000}'..='\u{e0fff}')
}

fn escape(c: char, into: &mut String) {
    match c {
        '\n' => into.push_str("\\n"),
        '\r' => into.push_str("\\r"),
        '\t' => into.push_str("\\t"),
        // Writing to a String cannot fail.
        c => drop(write!(into, "\\u{{{:x}}}", u32::from(c))),
    }
}

/// A word of a command line, quoted if a shell would take it apart.
#[must_use]
pub fn shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// The number of columns that `text` takes. Graphemes are drawn one by one, so ligatures across them, as of the Arabic
/// lam with an alef, save no column.
#[must_use]
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    // Ratatui gives a halfwidth voiced sound mark a column more than it takes.
    let more = text
        .chars()
        .filter(|c| matches!(c, '\u{ff9e}' | '\u{ff9f}'))
        .count();
    more + text
        .graphemes(true)
        .map(UnicodeWidthStr::width)
        .sum::<usize>()
}

/// `text` in at most `columns` columns, ending in `…` if anything was cut. A wide character is never split.
#[must_use]
pub fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut taken = 0;
    for grapheme in text.graphemes(true) {
        let next = taken + width(grapheme);
        if next + 1 > columns {
            break;
        }
        kept.push_str(grapheme);
        taken = next;
    }
    if columns > 0 {
        kept.push('…');
    }
    kept
}

/// `text` in at most `columns` columns, with `…` in place of its middle if anything was cut: names that begin alike
/// often differ at the end.
#[must_use]
pub fn ends(text: &str, columns: usize) -> String {
    const END: usize = 4;
    let end = columns / 3;
    let all = width(text);
    if all <= columns || end < END {
        return cut(text, columns);
    }
    cut(text, columns - end) + &skip(text, all - end)
}

/// `text` cut or padded with blanks to exactly `columns` columns.
#[must_use]
pub fn left(text: &str, columns: usize) -> String {
    let mut text = cut(text, columns);
    let missing = columns.saturating_sub(width(&text));
    text.extend(std::iter::repeat_n(' ', missing));
    text
}

/// Like [`left`], but padded in front.
#[must_use]
pub fn right(text: &str, columns: usize) -> String {
    let text = cut(text, columns);
    let missing = columns.saturating_sub(width(&text));
    let mut filled = " ".repeat(missing);
    filled.push_str(&text);
    filled
}

/// `text` without its first `columns` columns; a wide character that straddles the cut becomes blank.
#[must_use]
pub fn skip(text: &str, columns: usize) -> String {
    let mut passed = 0;
    let mut rest = String::new();
    for grapheme in text.graphemes(true) {
        let next = passed + width(grapheme);
        if passed >= columns {
            rest.push_str(grapheme);
        } else if next > columns {
            rest.extend(std::iter::repeat_n(' ', next - columns));
        }
        passed = next;
    }
    rest
}

/// The end of `text` in at most `columns` columns, after an ellipsis if anything was cut.
#[must_use]
pub fn tail(text: &str, columns: usize) -> String {
    let excess = width(text).saturating_sub(columns);
    match (excess, columns) {
        (0, _) => text.to_owned(),
        (_, 0) => String::new(),
        _ => format!("…{}", skip(text, excess + 1)),
    }
}

/// `text` in lines of at most `columns` columns, broken between words if possible.
#[must_use]
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = vec![String::new()];
    let mut taken = 0;
    for word in text.split_inclusive(' ') {
        let size = width(word.trim_end());
        if taken + size > columns && taken > 0 {
            lines.push(String::new());
            taken = 0;
        }
        for grapheme in word.graphemes(true) {
            let size = width(grapheme);
            if taken + size > columns && taken > 0 {
                if grapheme == " " {
                    continue;
                }
                lines.push(String::new());
                taken = 0;
            }
            if let Some(line) = lines.last_mut() {
                line.push_str(grapheme);
            }
            taken += size;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_steer_a_terminal_is_shown_as_an_escape() {
        assert_eq!(visible("a\u{1b}[31mb\u{7}"), "a\\u{1b}[31mb\\u{7}");
        assert_eq!(visible("abc\u{202e}def"), "abc\\u{202e}def");
        assert_eq!(visible("\u{200b}\u{feff}\n"), "\\u{200b}\\u{feff}\\n");
        assert_eq!(visible("\u{9b}2J"), "\\u{9b}2J");
    }

    #[test]
    fn an_escaped_json_line_is_the_same_json() {
        let line = "{\"a\":\"\u{9b}31m\u{202e}\"}";
        let escaped = visible_json(line);
        assert_eq!(escaped, "{\"a\":\"\\u009b31m\\u202e\"}");
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
        assert_eq!(read(&escaped), read(line));
    }

    #[test]
    fn marks_stay_with_their_base_and_never_pile_up() {
        assert_eq!(visible("e\u{301}"), "e\u{301}");
        assert_eq!(visible("\u{301}e"), "\\u{301}e");
        let zalgo = visible(&format!("e{}", "\u{301}".repeat(9)));
        assert!(zalgo.matches("\\u{301}").count() > 0, "{zalgo}");
    }

    #[test]
    fn characters_that_would_become_one_emoji_are_shown_one_by_one() {
        assert_eq!(visible("\u{1f44d}\u{1f3fd}"), "\u{1f44d}\\u{1f3fd}");
        assert_eq!(visible("\u{1f1ec}\u{1f1e7}"), "\\u{1f1ec}\\u{1f1e7}");
    }

    #[test]
    fn text_takes_as_many_columns_as_it_is_drawn_in() {
        use ratatui::buffer::Buffer;
        use ratatui::layout::Rect;
        use ratatui::style::Style;
        for text in [
            "plain",
            "価格",
            "e\u{301}",
            "\u{627}\u{644}\u{633}\u{644}\u{627}\u{645}",
            "\u{ff76}\u{ff9e}\u{ff77}\u{ff9e} \u{ff8a}\u{ff9f}",
            "\u{915}\u{94d}\u{937}\u{93f}",
            "\u{a4f9}\u{a4fc}",
            "\u{1112}\u{1161}\u{11ab}",
        ] {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 40, 1));
            let (end, _) = buffer.set_stringn(0, 0, text, 40, Style::new());
            assert_eq!(width(text), usize::from(end), "{text}");
        }
    }

    #[test]
    fn of_a_long_name_both_ends_are_kept() {
        assert_eq!(ends("a_table_of_payments_first", 18), "a_table_of_…_first");
        assert_eq!(
            ends("a_table_of_payments_first", 25),
            "a_table_of_payments_first"
        );
        assert_eq!(ends("a_table_of_payments", 8), "a_table…");
    }

    #[test]
    fn cutting_never_splits_a_wide_character() {
        assert_eq!(cut("価格表示", 8), "価格表示");
        assert_eq!(cut("価格表示", 7), "価格表…");
        assert_eq!(cut("価格表示", 6), "価格…");
        assert_eq!(left("価格", 6), "価格  ");
        assert_eq!(right("12", 5), "   12");
        assert_eq!(cut("abc", 0), "");
    }

    #[test]
    fn skipping_half_a_wide_character_leaves_a_blank() {
        assert_eq!(skip("価格表示", 3), " 表示");
        assert_eq!(skip("abc", 5), "");
        assert_eq!(tail("価格表示", 6), "… 表示");
        assert_eq!(tail("価格表示", 8), "価格表示");
        assert_eq!(tail("abc", 0), "");
    }

    #[test]
    fn wrapping_breaks_between_words_and_long_words_anywhere() {
        assert_eq!(wrap("one two three", 8), ["one two ", "three"]);
        assert_eq!(wrap("at 12:02:31 UTC", 11), ["at 12:02:31", "UTC"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
    }
}
