//! The map of the crate in its doc comments: which part may use which.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A part of the crate, and the parts that none of its files may name.
const FORBIDDEN: [(&str, &[&str]); 9] = [
    (
        "vocabulary",
        &["backend", "commands", "config", "console", "demo", "jobs"],
    ),
    (
        "config",
        &["backend", "commands", "console", "demo", "jobs"],
    ),
    ("backend", &["commands", "console", "demo", "jobs"]),
    ("jobs", &["commands", "console", "demo"]),
    ("demo", &["commands", "console", "jobs"]),
    ("console", &["commands"]),
    (
        "console/model",
        &["screens", "update", "widgets", "event_loop"],
    ),
    (
        "console/describe",
        &["screens", "update", "widgets", "event_loop"],
    ),
    ("console/screens", &["update", "event_loop"]),
];
/// Crates for the terminal and the command line, which only the console and the commands may name.
const TERMINAL: [&str; 4] = ["clap", "crossterm", "ratatui", "tui_input"];
/// Parts that must not name any of them.
const WITHOUT_TERMINAL: [&str; 5] = ["backend", "config", "demo", "jobs", "vocabulary"];

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// All files below `folder`, except tests.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.file_stem().is_some_and(|name| name == "tests") {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// The code of a file, without comments and unit tests.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).expect("a file of text");
    let code = text.split("#[cfg(test)]\nmod tests {").next();
    let lines = code.unwrap_or_default().lines();
    let lines: Vec<&str> = lines.filter_map(|line| line.split("//").next()).collect();
    lines.join("\n")
}

/// The modules that a file of a part names: modules of the crate or, if the part belongs to the console, modules of
/// the console. Several may be listed in braces.
fn named(part: &str, file: &Path) -> BTreeSet<String> {
    let around = if part.contains('/') {
        "(?:console|super)"
    } else {
        "crate"
    };
    let below = format!(r"{around}::(?:([a-z_]+)|\{{([^;]*)\}};)");
    let below = regex::Regex::new(&below).expect("a pattern");
    let code = code(file);
    let parts = below.captures_iter(&code).flat_map(|found| {
        let found = found.get(1).or_else(|| found.get(2));
        let names = found.map_or("", |found| found.as_str());
        names.split(|c: char| !c.is_alphanumeric() && c != '_')
    });
    parts.map(str::to_owned).collect()
}

#[test]
fn arrows_point_one_way() {
    for (part, forbidden) in FORBIDDEN {
        for file in files(&sources().join(part)) {
            let named = named(part, &file);
            for other in forbidden {
                assert!(
                    !named.contains(*other),
                    "{} of {part} names {other}",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn the_backend_knows_no_terminal() {
    for part in WITHOUT_TERMINAL {
        for file in files(&sources().join(part)) {
            let code = code(&file);
            let of_terminal = TERMINAL
                .iter()
                .find(|name| code.contains(&format!("{name}::")));
            assert_eq!(of_terminal, None, "{} of {part}", file.display());
        }
    }
}
