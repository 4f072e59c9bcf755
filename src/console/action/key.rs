//! Keys, as the action table names them.

use std::fmt;
use std::str::FromStr;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with its modifiers. For a character, Shift is not a modifier: it is part of the character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

impl Key {
    /// A key without Ctrl or Alt.
    #[must_use]
    pub const fn plain(code: KeyCode) -> Self {
        Self {
            code,
            modifiers: KeyModifiers::NONE,
        }
    }

    /// A character.
    #[must_use]
    pub const fn char(c: char) -> Self {
        Self::plain(KeyCode::Char(c))
    }

    /// A character with Ctrl.
    #[must_use]
    pub const fn ctrl(c: char) -> Self {
        Self {
            code: KeyCode::Char(c),
            modifiers: KeyModifiers::CONTROL,
        }
    }
}

impl Key {
    /// Whether typing the key would enter a character.
    #[must_use]
    pub const fn is_typed(self) -> bool {
        matches!(self.code, KeyCode::Char(_)) && self.modifiers.is_empty()
    }
}

impl FromStr for Key {
    type Err = String;

    /// Parses `i`, `J`, `space`, `ctrl-x`, `alt-enter`, `f5` or `page-up`, and any key in the form
    /// in which [`Key`] displays it.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('-')
            && !after.is_empty()
        {
            modifiers |= match before.to_ascii_lowercase().as_str() {
                "ctrl" => KeyModifiers::CONTROL,
                "alt" => KeyModifiers::ALT,
                "shift" => KeyModifiers::SHIFT,
                _ => break,
            };
            rest = after;
        }
        let Some(code) = code(rest) else {
            return Err(format!(
                "{text:?} is not a key; keys are single characters, space, enter, esc, tab, up, down, left, right, home, end, page-up, page-down, insert, delete, backspace, f1 to f12, with ctrl-, alt- or shift- in front"
            ));
        };
        let (code, modifiers) = match code {
            KeyCode::Tab if modifiers.contains(KeyModifiers::SHIFT) => {
                (KeyCode::BackTab, modifiers - KeyModifiers::SHIFT)
            }
            KeyCode::Char(c) if modifiers.contains(KeyModifiers::SHIFT) => (
                KeyCode::Char(c.to_ascii_uppercase()),
                modifiers - KeyModifiers::SHIFT,
            ),
            // A terminal sends the same byte for both cases.
            KeyCode::Char(c) if modifiers.contains(KeyModifiers::CONTROL) => {
                (KeyCode::Char(c.to_ascii_lowercase()), modifiers)
            }
            code => (code, modifiers),
        };
        Ok(Self { code, modifiers })
    }
}

fn code(name: &str) -> Option<KeyCode> {
    let mut characters = name.chars();
    if let (Some(c), None) = (characters.next(), characters.next()) {
        return Some(match c {
            '↑' => KeyCode::Up,
            '↓' => KeyCode::Down,
            '←' => KeyCode::Left,
            '→' => KeyCode::Right,
            c if c.is_control() => return None,
            c => KeyCode::Char(c),
        });
    }
    let name = name.to_ascii_lowercase().replace(['-', '_'], "");
    Some(match name.as_str() {
        "space" => KeyCode::Char(' '),
        "enter" | "return" => KeyCode::Enter,
        "esc" | "escape" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "backtab" => KeyCode::BackTab,
        "backspace" => KeyCode::Backspace,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "pageup" | "pgup" => KeyCode::PageUp,
        "pagedown" | "pgdn" | "pgdown" => KeyCode::PageDown,
        "insert" => KeyCode::Insert,
        "delete" | "del" => KeyCode::Delete,
        name => {
            let number: u8 = name.strip_prefix('f')?.parse().ok()?;
            return (1..=12).contains(&number).then_some(KeyCode::F(number));
        }
    })
}

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Self {
        let shift = matches!(event.code, KeyCode::Char(_) | KeyCode::BackTab);
        Self {
            code: event.code,
            modifiers: if shift {
                event.modifiers - KeyModifiers::SHIFT
            } else {
                event.modifiers
            },
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.modifiers.contains(KeyModifiers::CONTROL) {
            f.write_str("Ctrl-")?;
        }
        if self.modifiers.contains(KeyModifiers::ALT) {
            f.write_str("Alt-")?;
        }
        match self.code {
            KeyCode::Char(' ') => f.write_str("Space"),
            KeyCode::Char(c) if self.modifiers.is_empty() => write!(f, "{c}"),
            KeyCode::Char(c) => write!(f, "{}", c.to_uppercase()),
            KeyCode::F(number) => write!(f, "F{number}"),
            KeyCode::Up => f.write_str("↑"),
            KeyCode::Down => f.write_str("↓"),
            KeyCode::Left => f.write_str("←"),
            KeyCode::Right => f.write_str("→"),
            KeyCode::PageUp => f.write_str("PgUp"),
            KeyCode::PageDown => f.write_str("PgDn"),
            KeyCode::BackTab => f.write_str("Shift-Tab"),
            code => write!(f, "{code:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shift_is_part_of_a_character() {
        let event = KeyEvent::new(KeyCode::Char('J'), KeyModifiers::SHIFT);
        assert_eq!(Key::from(event), Key::char('J'));
        assert_eq!(Key::ctrl('c').to_string(), "Ctrl-C");
        assert_eq!(Key::plain(KeyCode::Esc).to_string(), "Esc");
    }

    #[test]
    fn every_default_key_is_read_as_it_is_shown() {
        for action in crate::console::action::ACTIONS {
            for key in action.keys {
                assert_eq!(key.to_string().parse(), Ok(*key), "{key}");
            }
        }
        assert_eq!("ctrl-X".parse(), Ok(Key::ctrl('x')));
        assert_eq!("shift-j".parse(), Ok(Key::char('J')));
        assert_eq!("-".parse(), Ok(Key::char('-')));
        assert_eq!("page-up".parse(), Ok(Key::plain(KeyCode::PageUp)));
        assert!("hyper-x".parse::<Key>().is_err() && "f13".parse::<Key>().is_err());
    }
}
