//! Frames for terminals and fonts that are limited to ASCII.

use ratatui::buffer::Buffer;

use crate::text::width;

/// Replaces every cell by ASCII: the console's own symbols by similar characters, and anything
/// else, which comes from outside, by one question mark per column.
pub fn translate(buffer: &mut Buffer) {
    let columns = usize::from(buffer.area.width).max(1);
    for line in buffer.content.chunks_mut(columns) {
        let mut hidden = 0;
        for cell in line {
            if hidden > 0 {
                hidden -= 1;
                cell.set_symbol("?");
            } else if !cell.symbol().is_ascii() {
                hidden = width(cell.symbol()).saturating_sub(1);
                let plain = plain(cell.symbol());
                cell.set_symbol(plain);
            }
        }
    }
}

fn plain(symbol: &str) -> &'static str {
    match symbol {
        "✗" => "x",
        "✓" | "↓" => "v",
        "●" => "o",
        "◐" => "@",
        "○" | "·" | "▁" => ".",
        // Not `~`, which stands for an estimate before a number, and for a home directory before a
        // path.
        "…" => "*",
        "▂" | "▃" => ":",
        "▄" | "▅" | "┌" | "┐" | "└" | "┘" => "+",
        "▆" | "▇" | "█" => "#",
        "━" | "╸" => "=",
        "─" | "–" | "−" | "⠹" | "⠼" | "⠧" => "-",
        "│" | "▏" | "▕" | "▌" | "⠋" | "⠴" => "|",
        "→" | "›" => ">",
        "←" => "<",
        "↑" => "^",
        "⠙" | "⠸" | "⠦" => "/",
        "⠇" | "⠏" => "\\",
        _ => "?",
    }
}
