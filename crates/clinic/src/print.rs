//! The only place that writes to stdout and stderr.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::io::{self, Write};

use crate::exit::Wrong;

/// A result: the only thing that goes to stdout.
pub fn result(text: &str) {
    let mut out = io::stdout().lock();
    // A reader that has gone away (`clinic … | head`) is no error of ours.
    let _ = writeln!(out, "{}", text.trim_end());
}

/// A result for machines.
pub fn json(value: &impl serde::Serialize) {
    result(&serde_json::to_string_pretty(value).expect("plain data"));
}

/// Something that the data lacks.
pub fn gap(gap: &clinic_core::sample::Gap) {
    result(&clinic_report::wrap("gap: ", &format!("{}: {gap}", gap.task), width()));
}

/// What the program is doing.
pub fn status(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// An error, its causes and what to do.
pub fn error(error: &anyhow::Error) {
    status(&format!("error: {error}"));
    let mut said = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        // Many errors repeat their cause in their own words.
        if !said.contains(&cause) {
            status(&format!("  caused by: {cause}"));
            said = cause;
        }
    }
    if let Some(hint) = error.downcast_ref::<Wrong>().and_then(Wrong::advice) {
        status(&format!("  hint: {hint}"));
    }
}

/// Columns of the terminal on stdout; 80 elsewhere, so that files look alike everywhere.
pub fn width() -> usize {
    terminal_size::terminal_size_of(io::stdout())
        .map_or(80, |(width, _)| usize::from(width.0).clamp(60, 200))
}
