//! Frames for terminals and fonts that have nothing but ASCII.

use ratatui::buffer::Buffer;

use crate::text::width;

/// Draws every cell with ASCII: what the console draws by something that looks like it, everything
/// else, which comes from outside, as a question mark for each of its columns.
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
        // Not ~, which is an estimate before a number, and before a path the home of somebody.
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
