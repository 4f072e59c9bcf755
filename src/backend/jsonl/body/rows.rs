//! Where a row of JSON text begins and ends, without parsing it.

/// Follows JSON text byte by byte, as far as strings and brackets go.
#[derive(Debug, Default)]
pub(super) struct Structure {
    depth: usize,
    inside_string: bool,
    escaped: bool,
    /// A line break has just been left out, and the indentation after it goes with it.
    after_break: bool,
    /// An object or array has ended: nothing but the end of the element may follow.
    complete: bool,
}

/// What a byte of an array's element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Belongs to the element.
    Content,
    /// A line break between tokens, or the indentation after it.
    Layout,
    /// The comma or bracket after the element.
    End,
    /// Comes where only a comma or bracket may.
    Misplaced,
}

impl Structure {
    /// Takes the next byte of an element.
    pub(super) const fn follow(&mut self, byte: u8) -> Part {
        if self.inside_string {
            self.follow_string(byte);
            return Part::Content;
        }
        match byte {
            b'\n' | b'\r' => {
                self.after_break = true;
                return Part::Layout;
            }
            b' ' | b'\t' if self.after_break => return Part::Layout,
            b',' | b']' if self.depth == 0 => return Part::End,
            b' ' | b'\t' => {}
            _ if self.complete => return Part::Misplaced,
            b'"' => self.inside_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                self.complete = self.depth == 0;
            }
            _ => {}
        }
        self.after_break = false;
        Part::Content
    }

    const fn follow_string(&mut self, byte: u8) {
        if self.escaped {
            self.escaped = false;
        } else if byte == b'\\' {
            self.escaped = true;
        } else if byte == b'"' {
            self.inside_string = false;
        }
    }

    /// Whether the object or array that was opened first is closed.
    pub(super) const fn is_complete(&self) -> bool {
        self.complete
    }

    /// Whether every bracket and string that was opened is closed.
    pub(super) const fn is_closed(&self) -> bool {
        self.depth == 0 && !self.inside_string
    }
}

/// Whether a row that has no line break after it is whole.
pub(super) fn is_whole(row: &[u8]) -> bool {
    let mut structure = Structure::default();
    for &byte in row {
        structure.follow(byte);
    }
    structure.is_closed()
}
