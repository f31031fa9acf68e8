//! What a person has filled into a row.

use std::collections::BTreeMap;

use super::{MARK, NONE};
use crate::recipe::Criterion;
use crate::review::page::LONGEST_COMMENT;

/// A row that says something.
#[derive(Debug, PartialEq, Eq)]
pub struct Filled {
    pub marks: BTreeMap<String, u8>,
    pub r#unsafe: bool,
    pub skipped: bool,
    pub comment: String,
}

/// Reads what was filled in; `None` of a row that says nothing. `cell` gives the cell of a column.
pub fn read<'a>(
    cell: impl Fn(&str) -> &'a str,
    criteria: &[&Criterion],
    columns: &[String],
) -> Result<Option<Filled>, String> {
    let mut marks = BTreeMap::new();
    let mut lacking = Vec::new();
    for name in columns {
        let text = cell(&format!("{MARK}{name}")).trim();
        let is_rated = criteria.iter().any(|criterion| criterion.name == *name);
        match (is_rated, text) {
            (false, "" | NONE) => {}
            (false, _) => {
                return Err(format!("'{name}' is not rated of this text; leave {NONE} there"));
            }
            (true, "") => lacking.push(name.as_str()),
            (true, text) => match number(text) {
                Some(mark @ 1..=5) => drop(marks.insert(name.clone(), mark)),
                _ => return Err(format!("'{name}' is '{}' and not from 1 to 5", short(text))),
            },
        }
    }
    let r#unsafe = yes("unsafe", cell("unsafe"))?;
    let skipped = yes("skip", cell("skip"))?;
    let comment = cell("comment").trim().replace("\r\n", "\n");
    if comment.chars().count() > LONGEST_COMMENT {
        return Err(format!("the comment has more than {LONGEST_COMMENT} characters"));
    }
    match (skipped, marks.is_empty(), lacking.is_empty()) {
        (true, true, _) if !r#unsafe => {}
        (true, ..) => return Err("it is skipped and rated; leave one of both empty".to_owned()),
        (false, true, _) if !r#unsafe && comment.is_empty() => return Ok(None),
        (false, _, true) => {}
        (false, ..) => {
            return Err(format!("it is half filled in: {} is missing", lacking.join(", ")));
        }
    }
    Ok(Some(Filled { marks, r#unsafe, skipped, comment }))
}

/// A small whole number, also as `4.0` and in the digits of other scripts.
fn number(text: &str) -> Option<u8> {
    let text = text.strip_suffix(".0").or(text.strip_suffix(",0")).unwrap_or(text);
    let mut chars = text.chars();
    let (Some(digit), None) = (chars.next(), chars.next()) else { return None };
    let zero = ['0', '٠', '۰', '०', '০', '０'];
    let value = |zero: char| u32::from(digit).checked_sub(u32::from(zero)).filter(|v| *v < 10);
    u8::try_from(zero.into_iter().find_map(value)?).ok()
}

fn yes(name: &str, text: &str) -> Result<bool, String> {
    match text.trim().to_lowercase().as_str() {
        "" | "no" | "0" | "false" | "n" => Ok(false),
        "yes" | "1" | "true" | "y" | "x" => Ok(true),
        _ => Err(format!("'{name}' is '{}'; write yes, or leave it empty", short(text))),
    }
}

/// What a cell holds, for a message.
pub fn short(text: &str) -> String {
    clinic_core::plain::plain(text, 40)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a row of `a b c | unsafe | skip | comment`, where c is not rated.
    fn of(line: &str) -> Result<Option<Filled>, String> {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let names = ["rate a", "rate b", "rate c", "unsafe", "skip", "comment"];
        let cell =
            |name: &str| names.iter().position(|own| *own == name).map_or("", |place| cells[place]);
        let [a, b] = ["a", "b"].map(|name| Criterion {
            name: name.to_owned(),
            asks: String::new(),
            worst: String::new(),
            best: String::new(),
        });
        read(cell, &[&a, &b], &["a", "b", "c"].map(str::to_owned))
    }

    #[test]
    fn rows_that_say_something() {
        let told = |line: &str| {
            let filled = of(line).unwrap().unwrap();
            let marks: Vec<String> = filled.marks.values().map(u8::to_string).collect();
            (marks.concat(), filled.r#unsafe, filled.skipped, filled.comment)
        };
        assert_eq!(told("4|5|||| why "), ("45".to_owned(), false, false, "why".to_owned()));
        assert_eq!(told("٤|५|n/a|x||"), ("45".to_owned(), true, false, String::new()));
        assert_eq!(told("4.0|5,0|n/a|No|FALSE|"), ("45".to_owned(), false, false, String::new()));
        assert_eq!(told("||n/a||yes|no"), (String::new(), false, true, "no".to_owned()));
        assert_eq!(of("||n/a|||"), Ok(None));
        assert_eq!(of("|||no|0|"), Ok(None));
    }

    #[test]
    fn rows_that_cannot_be_meant() {
        for (line, words) in [
            ("6|5||||", "'a' is '6' and not from 1 to 5"),
            ("0|5||||", "not from 1 to 5"),
            ("4|3.5||||", "'b' is '3.5'"),
            ("4|44||||", "not from 1 to 5"),
            ("4|five||||", "not from 1 to 5"),
            ("4|=1+3||||", "not from 1 to 5"),
            ("4|a date (44)||||", "not from 1 to 5"),
            ("4|||||", "half filled in: b is missing"),
            ("|||x||", "half filled in: a, b is missing"),
            ("|||||why", "half filled in"),
            ("4|4|||yes|", "skipped and rated"),
            ("|||x|yes|", "skipped and rated"),
            ("4|4|3|||", "'c' is not rated of this text"),
            ("4|4||perhaps||", "'unsafe' is 'perhaps'"),
            ("4|4|||later|", "'skip' is 'later'"),
        ] {
            let error = of(line).unwrap_err();
            assert!(error.contains(words), "{line}: {error}");
        }
        let long = format!("4|4||||{}", "x".repeat(4_001));
        assert!(of(&long).unwrap_err().contains("more than 4000 characters"));
    }
}
