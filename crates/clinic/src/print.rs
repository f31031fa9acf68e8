//! The only place that writes to stdout and stderr.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::io::{self, Write};

use clinic_core::plain::steers;

use crate::exit::{Exit, Wrong};

/// A result: the only thing that goes to stdout.
pub fn result(text: &str) {
    write(&harmless(text.trim_end()));
}

/// Writes to stdout; a result that cannot be written must not look like success.
fn write(text: &str) {
    let mut out = io::stdout().lock();
    let written = writeln!(out, "{text}").and_then(|()| out.flush());
    match written {
        // A reader that has gone away (`clinic … | head`) is no error of ours.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            status(&format!("error: the result cannot be written: {error}"));
            std::process::exit(Exit::Failed as i32);
        }
        _ => {}
    }
}

/// A result for machines.
pub fn json(value: &impl serde::Serialize) {
    let text = serde_json::to_string_pretty(value).expect("plain data");
    // Outside its strings JSON has no such characters, so that each can be written by its number.
    let escape = |c: char| match c {
        '\n' => c.to_string(),
        c if steers(c) => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    };
    result(&text.chars().map(escape).collect::<String>());
}

/// Something that the data lacks.
pub fn gap(gap: &clinic_core::sample::Gap) {
    result(&clinic_report::wrap("gap: ", &format!("{}: {gap}", gap.task), width()));
}

/// What the program is doing.
pub fn status(text: &str) {
    let _ = writeln!(io::stderr(), "{}", harmless(text));
}

/// The text without what could steer a terminal: names and cells of foreign files end up here.
fn harmless(text: &str) -> String {
    text.chars().filter(|c| matches!(c, '\n' | '\t') || !steers(*c)).collect()
}

/// An error, its causes and what to do.
pub fn error(error: &anyhow::Error) {
    tell("error: ", &error.to_string());
    let mut said = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        // Many errors repeat their cause in their own words.
        if !said.contains(&cause) {
            tell("  caused by: ", &cause);
            said = cause;
        }
    }
    if let Some(hint) = error.downcast_ref::<Wrong>().and_then(Wrong::advice) {
        tell("  hint: ", hint);
    }
}

/// A message of possibly several lines, each set for the terminal where there is one; files and
/// pipes get it as it is, so that it can be searched.
fn tell(lead: &str, text: &str) {
    let width = terminal_size::terminal_size_of(io::stderr()).map(|(width, _)| width.0);
    status(&set(lead, text, width.map(|width| usize::from(width).max(40))));
}

fn set(lead: &str, text: &str, width: Option<usize>) -> String {
    let Some(width) = width else { return format!("{lead}{text}") };
    let line = |(i, line): (usize, &str)| {
        let indent = &line[..line.len() - line.trim_start().len()];
        clinic_report::wrap(if i == 0 { lead } else { indent }, line, width)
    };
    text.lines().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

/// Columns of the terminal on stdout; 80 elsewhere, so that files look alike everywhere.
pub fn width() -> usize {
    terminal_size::terminal_size_of(io::stdout())
        .map_or(80, |(width, _)| usize::from(width.0).clamp(60, 200))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_set_for_a_terminal_and_left_alone_elsewhere() {
        let text = "one two three four five\n  six seven eight nine ten";
        assert_eq!(set("error: ", text, None), format!("error: {text}"));
        let expected = "error: one two three\n  four five\n  six seven eight nine\n    ten";
        assert_eq!(set("error: ", text, Some(22)), expected);
    }
}
