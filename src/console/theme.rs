//! Styles by what they mean.
//!
//! Only the sixteen colours that every terminal lets its owner choose, and modifiers, so that light
//! and dark palettes both stay readable. The plain theme sets no colour at all: where `NO_COLOR`
//! is set, crossterm writes any colour as an empty sequence, which resets the modifiers too, and
//! the selection would vanish.

use ratatui::style::{Color, Modifier, Style};

/// What things look like.
#[derive(Debug, Clone)]
pub struct Theme {
    /// Names, headings, what matters now.
    pub strong: Style,
    /// Column heads, units, what is old or beside the point.
    pub dim: Style,
    /// The one accent: pending work, progress, keys.
    pub accent: Style,
    pub ok: Style,
    pub warning: Style,
    pub error: Style,
    /// The line under the cursor.
    pub selection: Style,
    /// What a search has found.
    pub found: Style,
    /// The cell in which the next typed character goes.
    pub caret: Style,
    /// The header's line, and the profile's name in it.
    pub header: Style,
    pub profile: Style,
    pub json_key: Style,
    pub json_string: Style,
    pub json_number: Style,
    pub json_word: Style,
}

impl Theme {
    /// Colours, with the profile's own for its name; a name that is no colour is left uncoloured.
    #[must_use]
    pub fn colour(profile: &str, careful: bool) -> Self {
        let colour = profile.parse::<Color>().unwrap_or(Color::Reset);
        let plain = Self::plain(careful);
        let own = Style::new().fg(colour);
        Self {
            accent: Style::new().fg(Color::Cyan),
            ok: Style::new().fg(Color::Green),
            warning: Style::new().fg(Color::Yellow),
            error: Style::new().fg(Color::Red),
            selection: Style::new().fg(Color::Black).bg(Color::Cyan),
            found: Style::new().fg(Color::Black).bg(Color::Yellow),
            header: if careful {
                own.add_modifier(Modifier::REVERSED)
            } else {
                Style::new()
            },
            profile: own.add_modifier(Modifier::BOLD),
            json_key: Style::new().fg(Color::Cyan),
            json_string: Style::new().fg(Color::Green),
            json_number: Style::new().fg(Color::Yellow),
            json_word: Style::new().fg(Color::Magenta),
            ..plain
        }
    }

    /// Modifiers only.
    #[must_use]
    pub const fn plain(careful: bool) -> Self {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        let dim = Style::new().add_modifier(Modifier::DIM);
        let reversed = Style::new().add_modifier(Modifier::REVERSED);
        let none = Style::new();
        Self {
            strong: bold,
            dim,
            accent: bold,
            ok: none,
            warning: bold,
            error: bold,
            selection: reversed,
            found: Style::new().add_modifier(Modifier::UNDERLINED),
            caret: reversed,
            header: if careful { reversed } else { none },
            profile: bold,
            json_key: bold,
            json_string: none,
            json_number: none,
            json_word: dim,
        }
    }
}
