//! Finds a key that two tables would share.

use super::super::escape;
use super::super::grammar::Part;
use super::matching::{DATE, TIMES};
use crate::vocabulary::{SequenceId, TableName};

/// One character of a key.
#[derive(Debug, Clone, Copy)]
enum Place {
    Is(char),
    Digit,
    /// The first digit of a number with more digits than its padding asks for.
    NotZero,
}

impl Place {
    /// A character that can be at both places.
    fn common(self, other: Self) -> Option<char> {
        match (self, other) {
            (Self::Is(one), Self::Is(other)) => (one == other).then_some(one),
            (Self::Is(c), Self::Digit) | (Self::Digit, Self::Is(c)) => {
                c.is_ascii_digit().then_some(c)
            }
            (Self::Is(c), Self::NotZero) | (Self::NotZero, Self::Is(c)) => {
                matches!(c, '1'..='9').then_some(c)
            }
            _ => Some('1'),
        }
    }
}

/// A text that is a key of `table` under `parts` and of `other` under `theirs`, for whichever numbers, days and
/// times; `None` if there is none.
pub(super) fn common_key(
    env: &str,
    (parts, table): (&[Part], &TableName),
    (theirs, other): (&[Part], &TableName),
) -> Option<String> {
    let other: Vec<Vec<Place>> = forms(theirs, env, other).collect();
    forms(parts, env, table).find_map(|one| {
        let mut like = other.iter().filter(|other| other.len() == one.len());
        like.find_map(|other| {
            let places = one.iter().zip(other);
            places.map(|(one, other)| one.common(*other)).collect()
        })
    })
}

/// All forms of the keys of `table`, which differ in how many digits the number has and in how the time is
/// spelled.
fn forms<'a>(
    parts: &'a [Part],
    env: &'a str,
    table: &'a TableName,
) -> impl Iterator<Item = Vec<Place>> + 'a {
    let width = parts.iter().find_map(|part| match part {
        Part::Seq { width } => Some(*width),
        _ => None,
    });
    let width = width.unwrap_or_default();
    let longest = SequenceId::GREATEST.to_string().len().max(width);
    let times = if parts.contains(&Part::Time) {
        TIMES.as_slice()
    } else {
        &TIMES[..1]
    };
    times.iter().flat_map(move |time| {
        (width..=longest).map(move |digits| form(parts, env, table, digits, time))
    })
}

fn form(parts: &[Part], env: &str, table: &TableName, digits: usize, time: &str) -> Vec<Place> {
    let mut places = Vec::new();
    for part in parts {
        match part {
            Part::Literal(text) => places.extend(text.chars().map(Place::Is)),
            Part::Env => places.extend(env.chars().map(Place::Is)),
            Part::Schema => places.extend(escape::in_key(table.schema()).chars().map(Place::Is)),
            Part::Table => places.extend(escape::in_key(table.name()).chars().map(Place::Is)),
            Part::Seq { width } => {
                let first = places.len();
                places.extend((0..digits).map(|_| Place::Digit));
                if digits > *width {
                    places[first] = Place::NotZero;
                }
            }
            Part::Date => places.extend(shaped(DATE)),
            Part::Time => places.extend(shaped(time)),
        }
    }
    places
}

fn shaped(shape: &str) -> impl Iterator<Item = Place> + '_ {
    let place = |c| if c == 'd' { Place::Digit } else { Place::Is(c) };
    shape.chars().map(place)
}
