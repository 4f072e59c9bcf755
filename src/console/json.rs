//! JSON for display: split for colours and line breaks but never parsed into values, so that every
//! number and every escape stays as it was written.

/// What a piece of JSON text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Key,
    String,
    Number,
    /// `true`, `false`, `null`.
    Word,
    /// Brackets, commas, colons, white space, and anything that is not JSON.
    Other,
}

/// Splits `text` into pieces; joined again they are `text`, even if it is not JSON.
#[must_use]
pub fn pieces(text: &str) -> Vec<(Kind, &str)> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (mut kind, length) = match first {
            '"' => (Kind::String, string_length(rest)),
            '-' | '0'..='9' => (
                Kind::Number,
                run(rest, |c| {
                    matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')
                }),
            ),
            c if c.is_ascii_alphabetic() => (Kind::Word, run(rest, |c| c.is_ascii_alphabetic())),
            c => (Kind::Other, c.len_utf8()),
        };
        let (piece, after) = rest.split_at(length);
        if kind == Kind::String && after.trim_start().starts_with(':') {
            kind = Kind::Key;
        }
        pieces.push((kind, piece));
        rest = after;
    }
    pieces
}

/// Length in bytes of the string at the start of `text`, including both quotes.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

/// `text` with one value per line, indented by two spaces per level.
#[must_use]
pub fn pretty(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut depth: usize = 0;
    let pieces = pieces(text);
    let mut at = 0;
    while let Some((kind, piece)) = pieces.get(at) {
        let closes_at_once = matches!(
            (*piece, pieces.get(at + 1).map(|(_, next)| *next)),
            ("{", Some("}")) | ("[", Some("]"))
        );
        match (*kind, *piece) {
            (Kind::Other, "{" | "[") if closes_at_once => {
                push(&mut lines, piece);
                push(&mut lines, pieces[at + 1].1);
                at += 1;
            }
            (Kind::Other, "{" | "[") => {
                push(&mut lines, piece);
                depth += 1;
                lines.push("  ".repeat(depth));
            }
            (Kind::Other, "}" | "]") => {
                depth = depth.saturating_sub(1);
                lines.push("  ".repeat(depth));
                push(&mut lines, piece);
            }
            (Kind::Other, ",") => {
                push(&mut lines, piece);
                lines.push("  ".repeat(depth));
            }
            (Kind::Other, ":") => push(&mut lines, ": "),
            (Kind::Other, " ") => {}
            _ => push(&mut lines, piece),
        }
        at += 1;
    }
    lines
}

fn push(lines: &mut [String], piece: &str) {
    if let Some(line) = lines.last_mut() {
        line.push_str(piece);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_put_together_are_the_text() {
        for text in [
            r#"{"a":1,"b":"x\"y","c":[true,null,-1.50e+3]}"#,
            "not json at all \"",
            "",
            r#"{"é": "\u{202e}"}"#,
        ] {
            let joined: String = pieces(text).iter().map(|(_, piece)| *piece).collect();
            assert_eq!(joined, text);
        }
        assert_eq!(pieces(r#"{"a":"b"}"#)[1], (Kind::Key, "\"a\""));
        assert_eq!(pieces(r#"{"a":"b"}"#)[3], (Kind::String, "\"b\""));
    }

    #[test]
    fn pretty_keeps_every_digit() {
        assert_eq!(
            pretty(r#"{"n":12345678901234567890.10,"l":[1,{}],"e":[]}"#),
            [
                "{",
                "  \"n\": 12345678901234567890.10,",
                "  \"l\": [",
                "    1,",
                "    {}",
                "  ],",
                "  \"e\": []",
                "}"
            ]
        );
    }
}
