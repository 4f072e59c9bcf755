//! Results, written to stdout.
//!
//! Commands hand over lists of [`Record`]s, which are written as a table, JSON or CSV. Nothing else writes to
//! stdout.

mod fit;
pub mod paint;
pub mod record;
mod table;

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};

use serde_json::Value;

pub use record::{Column, Record};

use super::error::CommandError;
use crate::text::{visible, visible_json};

/// How records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// Aligned columns for reading
    #[default]
    Table,
    /// One JSON array
    Json,
    /// Comma-separated values with a heading line; nested fields as `outer.inner`
    Csv,
    /// One JSON object a line
    Jsonl,
}

/// The appearance of a table.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    pub colour: bool,
    /// Columns of the terminal; `None` if there is none, and lines may have any length.
    pub width: Option<usize>,
    /// Whether the reader is a terminal, which acts on control characters. A table never contains any.
    pub terminal: bool,
}

/// The one way to stdout. A reader that has gone away (`| head`) is not an error.
#[derive(Debug, Clone, Copy)]
pub struct Out {
    format: Format,
    style: Style,
}

impl Out {
    /// stdout in its current state; coloured only if it is a terminal and `colour` allows it.
    #[must_use]
    pub fn new(format: Format, colour: bool) -> Self {
        let terminal = io::stdout().is_terminal();
        // If there is no terminal, finding that out would run two other programs (`tput`).
        let size = terminal.then(crossterm::terminal::size);
        let style = Style {
            colour: colour && terminal,
            width: size
                .and_then(Result::ok)
                .map(|(width, _)| usize::from(width)),
            terminal,
        };
        Self { format, style }
    }

    /// Whether a terminal reads the output.
    #[must_use]
    pub const fn is_terminal(&self) -> bool {
        self.style.terminal
    }

    /// Whether the output is a table, which other text may accompany.
    #[must_use]
    pub fn is_table(&self) -> bool {
        self.format == Format::Table
    }

    /// Whether colours are wanted.
    #[must_use]
    pub const fn colour(&self) -> bool {
        self.style.colour
    }

    /// Columns of the terminal; `None` if there is none.
    #[must_use]
    pub const fn width(&self) -> Option<usize> {
        self.style.width
    }

    /// Prints a list of records in the chosen format.
    ///
    /// # Errors
    /// [`CommandError::Io`] if stdout cannot be written, except because its reader has gone away.
    pub fn records<R: Record>(&self, records: &[R]) -> Result<(), CommandError> {
        write(|out| write_records(out, records, self.format, self.style))
    }

    /// Prints a whole line of JSON as it is; on a terminal, characters that it would act on are escaped.
    ///
    /// # Errors
    /// Any error of stdout, including [`io::ErrorKind::BrokenPipe`] if its reader has gone away.
    pub fn json_line(&self, out: &mut dyn Write, line: &str) -> io::Result<()> {
        writeln!(out, "{}", self.style.json(line))
    }

    /// Prints text that is already formatted.
    ///
    /// # Errors
    /// As [`Out::records`].
    pub fn text(text: &[u8]) -> Result<(), CommandError> {
        write(|out| out.write_all(text))
    }
}

impl Style {
    /// JSON as it goes to stdout.
    fn json(self, text: &str) -> Cow<'_, str> {
        if self.terminal {
            visible_json(text).into()
        } else {
            text.into()
        }
    }

    /// A field of CSV as it goes to stdout.
    fn field(self, text: String) -> String {
        if self.terminal { visible(&text) } else { text }
    }
}

/// Writes to stdout in one go. A reader that has gone away is not an error.
fn write(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), CommandError> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    unless_gone(write(&mut out).and_then(|()| out.flush()))
}

/// The result of writing to stdout, except that a reader that has gone away is not an error.
///
/// # Errors
/// [`CommandError::Io`] for any other error.
pub fn unless_gone(written: io::Result<()>) -> Result<(), CommandError> {
    match written {
        Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => Err(CommandError::Io {
            doing: "writing to stdout".to_owned(),
            cause,
        }),
        _ => Ok(()),
    }
}

fn write_records<R: Record>(
    out: &mut dyn Write,
    records: &[R],
    format: Format,
    style: Style,
) -> io::Result<()> {
    match format {
        Format::Json => write_json(out, records, style),
        Format::Jsonl => write_json_lines(out, records, style),
        Format::Csv => write_csv(out, R::COLUMNS, &as_values(records)?, style),
        Format::Table => table::write(out, R::COLUMNS, &as_values(records)?, style),
    }
}

/// One record per line within the array, so that the output can also be read, searched and compared by line.
fn write_json<R: Record>(out: &mut dyn Write, records: &[R], style: Style) -> io::Result<()> {
    out.write_all(b"[")?;
    for (i, record) in records.iter().enumerate() {
        out.write_all(if i == 0 { b"\n  " } else { b",\n  " })?;
        write!(out, "{}", style.json(&serde_json::to_string(record)?))?;
    }
    out.write_all(if records.is_empty() { b"]\n" } else { b"\n]\n" })
}

fn write_json_lines<R: Record>(out: &mut dyn Write, records: &[R], style: Style) -> io::Result<()> {
    for record in records {
        writeln!(out, "{}", style.json(&serde_json::to_string(record)?))?;
    }
    Ok(())
}

/// RFC 4180, but with line feeds; several values of one field are separated by semicolons.
fn write_csv(
    out: &mut dyn Write,
    columns: &[Column],
    records: &[Value],
    style: Style,
) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    let heading = csv.write_record(columns.iter().map(|column| column.path));
    heading.map_err(of_csv)?;
    for record in records {
        let fields = columns.iter();
        let fields = fields.map(|column| style.field(record::joined(record, column.path, ";")));
        csv.write_record(fields).map_err(of_csv)?;
    }
    csv.flush()
}

/// The error of stdout. Its kind tells whether the reader has gone away, and the crate's own conversion loses the
/// kind.
fn of_csv(error: csv::Error) -> io::Error {
    let kind = match error.kind() {
        csv::ErrorKind::Io(cause) => cause.kind(),
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, error)
}

fn as_values<R: Record>(records: &[R]) -> io::Result<Vec<Value>> {
    let values: Result<_, serde_json::Error> = records.iter().map(serde_json::to_value).collect();
    Ok(values?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;

    #[derive(Serialize)]
    struct Inner {
        key: &'static str,
    }

    #[derive(Serialize)]
    struct Sample {
        table: &'static str,
        rows: Option<u64>,
        last_object: Option<Inner>,
        findings: Vec<&'static str>,
    }

    impl Record for Sample {
        const COLUMNS: &'static [Column] = &[
            Column::text("table", "TABLE"),
            Column::count("rows", "ROWS"),
            Column::hidden("last_object.key"),
            Column::hidden("findings"),
        ];
    }

    fn samples() -> [Sample; 2] {
        [
            Sample {
                table: "payment",
                rows: Some(7),
                last_object: Some(Inner { key: "a,b" }),
                findings: vec!["one", "two"],
            },
            Sample {
                table: "staff",
                rows: None,
                last_object: None,
                findings: vec![],
            },
        ]
    }

    fn written(records: &[Sample], format: Format) -> String {
        let mut out = Vec::new();
        write_records(&mut out, records, format, Style::default()).expect("writing to memory");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn json_is_one_array() {
        let text = written(&samples(), Format::Json);
        let read: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(read[0]["last_object"]["key"], "a,b");
        assert_eq!(read[1]["rows"], Value::Null);
        assert_eq!(written(&[], Format::Json), "[]\n");
    }

    #[test]
    fn no_format_lets_a_terminal_be_steered_and_json_stays_the_same() {
        let steering = "ev\u{1b}[2J\u{9b}2Jil\u{202e}";
        let records = [Sample {
            table: steering,
            rows: None,
            last_object: None,
            findings: vec![],
        }];
        let style = Style {
            terminal: true,
            ..Style::default()
        };
        for format in [Format::Table, Format::Json, Format::Csv, Format::Jsonl] {
            let mut out = Vec::new();
            write_records(&mut out, &records, format, style).expect("writing to memory");
            let text = String::from_utf8(out).expect("UTF-8");
            let acts = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
            assert!(!text.contains(acts), "{format:?}: {text:?}");
            if format == Format::Json {
                let read: Value = serde_json::from_str(&text).expect("JSON");
                assert_eq!(read[0]["table"], steering);
            }
        }
        assert!(
            written(&records, Format::Csv).contains(steering),
            "to a file as it is"
        );
    }

    #[test]
    fn jsonl_is_one_object_a_line() {
        let text = written(&samples(), Format::Jsonl);
        assert_eq!(text.lines().count(), 2);
        for line in text.lines() {
            assert!(
                serde_json::from_str::<Value>(line)
                    .expect("JSON")
                    .is_object()
            );
        }
    }

    #[test]
    fn a_reader_that_has_gone_is_told_by_its_kind_in_every_format() {
        struct Gone;
        impl Write for Gone {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        // More than any of the writers buffers.
        let records: Vec<Sample> = std::iter::repeat_with(samples)
            .take(9_999)
            .flatten()
            .collect();
        for format in [Format::Table, Format::Json, Format::Csv, Format::Jsonl] {
            let written = write_records(&mut Gone, &records, format, Style::default());
            let error = written.expect_err("nobody reads");
            assert_eq!(error.kind(), io::ErrorKind::BrokenPipe, "{format:?}");
        }
    }

    #[test]
    fn csv_names_nested_fields_by_their_path_and_joins_lists() {
        let expected = "\
table,rows,last_object.key,findings
payment,7,\"a,b\",one;two
staff,,,
";
        assert_eq!(written(&samples(), Format::Csv), expected);
        assert_eq!(written(&[], Format::Csv).lines().count(), 1, "the heading");
    }
}
