//! Whole runs of the console in a pseudo-terminal, on the built-in demo.

mod external;
mod panics;
mod settings;
mod terminal;
mod working;

/// A shell command that runs a program and reports whether the modes of the terminal are as before.
fn in_a_shell(program: &str) -> String {
    format!(
        "before=$(stty -g); {program}; echo ended with $?; \
         [ \"$before\" = \"$(stty -g)\" ] && echo same modes"
    )
}

fn demo() -> String {
    format!("'{}' --demo", env!("CARGO_BIN_EXE_highwater"))
}
