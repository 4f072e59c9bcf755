//! Errors in templates.

/// Why a template, or a name made from it, is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    #[error("a brace is unmatched; a placeholder looks like {{table}}")]
    Unbalanced,
    #[error("there is no placeholder {{{placeholder}}} here; there is {known}")]
    UnknownPlaceholder { placeholder: String, known: String },
    #[error("{{seq:{width}}} is not possible: the width is a number of digits from 1 to 20")]
    Width { width: String },
    #[error("it lacks {placeholder}: every {what} would be the same")]
    Lacks {
        placeholder: &'static str,
        what: &'static str,
    },
    #[error("{{seq}} is in it twice")]
    SequenceTwice,
    #[error(
        "{{seq}} needs a character before and after it that is neither a digit nor a placeholder, or the two run together"
    )]
    SequenceRunsTogether,
    #[error(
        "{{schema}} and {{table}} need a character between them that is not a placeholder, or two tables could share a name"
    )]
    NamesRunTogether,
    #[error("{character:?} is not allowed in it; {allowed}")]
    Character {
        character: char,
        allowed: &'static str,
    },
    #[error("{problem}")]
    Form { problem: &'static str },
    #[error("it can become longer than the {limit} bytes that the store allows")]
    TooLong { limit: usize },
    #[error("{name:?} starts with \"aws\" or \"ssm\", which Parameter Store reserves for itself")]
    Reserved { name: String },
}
