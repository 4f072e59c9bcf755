//! Styles, named by their meaning.
//!
//! The terminal theme uses only the sixteen colours that every terminal lets its user choose, so that
//! any background stays readable; the dark and light themes have their own colours, and leave the
//! default text and background as they are. The plain theme sets no colour at all: if `NO_COLOR` is set,
//! crossterm writes any colour as an empty sequence, which resets the modifiers too, and the selection
//! would vanish.

use ratatui::style::{Color, Modifier, Style};

use super::model::facts::Facts;
use crate::config::{Safety, ThemeChoice};

/// The style of each kind of thing on the screen.
#[derive(Debug, Clone)]
pub struct Theme {
    /// Names, headings, what matters now.
    pub strong: Style,
    /// Column heads, units, what is old or incidental.
    pub dim: Style,
    /// The one accent: pending work, progress, keys.
    pub accent: Style,
    pub ok: Style,
    pub warning: Style,
    pub error: Style,
    /// The line under the cursor.
    pub selection: Style,
    /// The active tab.
    pub tab: Style,
    /// Matches of a search.
    pub found: Style,
    /// The cell where the next typed character goes.
    pub caret: Style,
    /// The header's line, and the profile's name in it.
    pub header: Style,
    pub profile: Style,
    pub json_key: Style,
    pub json_string: Style,
    pub json_number: Style,
    pub json_word: Style,
}

/// The colours of a theme.
struct Palette {
    accent: Color,
    ok: Color,
    warning: Color,
    error: Color,
    word: Color,
    /// The line under the cursor: text and background.
    selection: (Color, Color),
    found: (Color, Color),
    /// De-emphasised text; `None` leaves it to the terminal's dimming.
    dim: Option<Color>,
}

const TERMINAL: Palette = Palette {
    accent: Color::Cyan,
    ok: Color::Green,
    warning: Color::Yellow,
    error: Color::Red,
    word: Color::Magenta,
    selection: (Color::Black, Color::Cyan),
    found: (Color::Black, Color::Yellow),
    dim: None,
};

// These two use the 256-colour palette, which terminals support more widely than 24-bit colour; contrast
// to their background is at least 4.5 to 1 (WCAG 2.2, 1.4.3).
const DARK: Palette = Palette {
    accent: Color::Indexed(80),
    ok: Color::Indexed(114),
    warning: Color::Indexed(221),
    error: Color::Indexed(210),
    word: Color::Indexed(183),
    selection: (Color::Indexed(231), Color::Indexed(24)),
    found: (Color::Indexed(16), Color::Indexed(221)),
    dim: Some(Color::Indexed(247)),
};

const LIGHT: Palette = Palette {
    accent: Color::Indexed(25),
    ok: Color::Indexed(22),
    warning: Color::Indexed(94),
    error: Color::Indexed(124),
    word: Color::Indexed(90),
    selection: (Color::Indexed(16), Color::Indexed(153)),
    found: (Color::Indexed(16), Color::Indexed(221)),
    dim: Some(Color::Indexed(241)),
};

impl Theme {
    /// The chosen theme, or the plain one if colours are not allowed.
    #[must_use]
    pub fn new(choice: ThemeChoice, no_color: bool, facts: &Facts) -> Self {
        let careful = facts.safety == Safety::Careful;
        match choice {
            _ if no_color => Self::plain(careful),
            ThemeChoice::Plain => Self::plain(careful),
            ThemeChoice::Terminal => Self::coloured(&TERMINAL, &facts.colour, careful),
            ThemeChoice::Dark => Self::coloured(&DARK, &facts.colour, careful),
            ThemeChoice::Light => Self::coloured(&LIGHT, &facts.colour, careful),
        }
    }

    /// The colours of a palette, with the profile's own colour for its name; a colour that cannot be
    /// parsed is ignored.
    fn coloured(palette: &Palette, profile: &str, careful: bool) -> Self {
        let colour = profile.parse::<Color>().unwrap_or(Color::Reset);
        let plain = Self::plain(careful);
        let own = Style::new().fg(colour);
        let fg = |colour| Style::new().fg(colour);
        let both = |(text, back)| Style::new().fg(text).bg(back);
        Self {
            dim: palette.dim.map_or(plain.dim, fg),
            accent: fg(palette.accent),
            ok: fg(palette.ok),
            warning: fg(palette.warning),
            error: fg(palette.error),
            selection: both(palette.selection),
            tab: fg(palette.accent).add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
            found: both(palette.found),
            header: if careful {
                own.add_modifier(Modifier::REVERSED)
            } else {
                Style::new()
            },
            profile: own.add_modifier(Modifier::BOLD),
            json_key: fg(palette.accent),
            json_string: fg(palette.ok),
            json_number: fg(palette.warning),
            json_word: fg(palette.word),
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
            tab: Style::new().add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED)),
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
