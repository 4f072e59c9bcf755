//! Styles by what they mean.
//!
//! The terminal's own theme uses only the sixteen colours that every terminal lets its owner choose,
//! so that any background stays readable; the dark and the light one have colours of their own, and
//! leave text and background as they are. The plain theme sets no colour at all: where `NO_COLOR` is
//! set, crossterm writes any colour as an empty sequence, which resets the modifiers too, and the
//! selection would vanish.

use ratatui::style::{Color, Modifier, Style};

use super::model::facts::Facts;
use crate::config::{Safety, ThemeChoice};

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
    /// The tab in front.
    pub tab: Style,
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

/// The colours of a theme.
struct Palette {
    accent: Color,
    ok: Color,
    warning: Color,
    error: Color,
    word: Color,
    /// The line under the cursor: its text and its background.
    selection: (Color, Color),
    found: (Color, Color),
    /// Text that steps back; `None` leaves it to the terminal's dimming.
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

// Of the 256 colours, which terminals have that do not have all; contrast to their background at
// least 4.5 to 1 (WCAG 2.2, 1.4.3).
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
    /// The theme of a choice; the plain one where no colour is allowed.
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

    /// Colours, with the profile's own for its name; a name that is no colour is left uncoloured.
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
