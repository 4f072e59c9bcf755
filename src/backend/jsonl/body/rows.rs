//! Finding where a row of JSON text begins and ends, without parsing it.

/// Follows the strings and brackets of JSON text, byte by byte.
#[derive(Debug, Default)]
pub(super) struct Structure {
    /// How many brackets are open.
    depth: usize,
    place: Place,
}

/// Where in the text the next byte is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    #[default]
    Tokens,
    /// After a line break between tokens.
    Indentation,
    String,
    /// After a backslash in a string.
    Escape,
    /// After the end of the object or array with which the text began.
    Complete,
}

/// The role of a byte in an array's element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Belongs to the element.
    Content,
    /// A line break between tokens, the indentation after it, or white space after the element.
    Layout,
    /// The comma or bracket after the element.
    End,
    /// Found where only a comma or bracket is allowed.
    Misplaced,
}

impl Structure {
    /// Takes the next byte of an element.
    pub(super) const fn follow(&mut self, byte: u8) -> Part {
        match self.place {
            Place::String => {
                self.place = match byte {
                    b'\\' => Place::Escape,
                    b'"' => Place::Tokens,
                    _ => Place::String,
                };
                Part::Content
            }
            Place::Escape => {
                self.place = Place::String;
                Part::Content
            }
            Place::Complete => match byte {
                b' ' | b'\t' | b'\n' | b'\r' => Part::Layout,
                b',' | b']' => Part::End,
                _ => Part::Misplaced,
            },
            Place::Tokens | Place::Indentation => self.follow_token(byte),
        }
    }

    const fn follow_token(&mut self, byte: u8) -> Part {
        let indentation = matches!(self.place, Place::Indentation);
        match byte {
            b'\n' | b'\r' => {
                self.place = Place::Indentation;
                return Part::Layout;
            }
            b' ' | b'\t' if indentation => return Part::Layout,
            b',' | b']' if self.depth == 0 => return Part::End,
            _ => {}
        }
        self.place = Place::Tokens;
        match byte {
            b'"' => self.place = Place::String,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    self.place = Place::Complete;
                }
            }
            _ => {}
        }
        Part::Content
    }

    /// Whether the object or array with which the text began has been closed.
    pub(super) const fn is_complete(&self) -> bool {
        matches!(self.place, Place::Complete)
    }
}

/// Whether a row without a line break after it is whole, given that rows are objects.
pub(super) fn is_whole(row: &[u8]) -> bool {
    let mut structure = Structure::default();
    for &byte in row {
        structure.follow(byte);
    }
    structure.is_complete()
}
