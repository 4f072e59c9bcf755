//! What is visible of a console.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::support::Console;
use crate::console::screens;

impl Console {
    /// The cells of the frame.
    pub fn buffer(&self) -> Buffer {
        let (columns, lines) = self.model.size;
        let mut terminal = Terminal::new(TestBackend::new(columns, lines)).expect("a terminal");
        terminal
            .draw(|frame| screens::view(&self.model, frame))
            .expect("a frame");
        terminal.backend().buffer().clone()
    }

    /// The frame as text, without trailing blanks.
    pub fn frame(&self) -> String {
        let buffer = self.buffer();
        let width = usize::from(buffer.area.width);
        let lines: Vec<String> = buffer.content.chunks(width).map(line_text).collect();
        lines.join("\n")
    }

    /// The line of the frame that contains `text`.
    pub fn line(&self, text: &str) -> String {
        let frame = self.frame();
        let line = frame.lines().find(|line| line.contains(text));
        line.unwrap_or_else(|| panic!("no line with {text:?} in\n{frame}"))
            .to_owned()
    }

    /// Whether `text` is anywhere in the frame.
    pub fn shows(&self, text: &str) -> bool {
        self.frame().contains(text)
    }

    /// The cells of the first line that contains `text`.
    pub fn cells(&self, text: &str) -> Vec<Cell> {
        let buffer = self.buffer();
        let width = usize::from(buffer.area.width);
        let line = buffer
            .content
            .chunks(width)
            .find(|cells| line_text(cells).contains(text));
        line.unwrap_or_else(|| panic!("no line with {text:?}"))
            .to_vec()
    }

    /// Whether no cell of the frame has a colour.
    pub fn is_colourless(&self) -> bool {
        let buffer = self.buffer();
        buffer
            .content
            .iter()
            .all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset)
    }
}

/// Whether all of these cells are reversed.
pub fn is_reversed(cells: &[Cell]) -> bool {
    cells
        .iter()
        .all(|cell| cell.modifier.contains(Modifier::REVERSED))
}

fn line_text(cells: &[Cell]) -> String {
    let mut text = String::new();
    let mut hidden = 0;
    for cell in cells {
        if hidden == 0 {
            text.push_str(cell.symbol());
            hidden = crate::text::width(cell.symbol()).max(1);
        }
        hidden -= 1;
    }
    text.trim_end().to_owned()
}
