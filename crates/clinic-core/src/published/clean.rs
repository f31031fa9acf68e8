//! What the published scripts do to a response before they score it.

use std::fmt::Write;

use super::{Empty, Published, Step};

/// Texts longer than this, in characters, are cut to their first lines.
const LONG: usize = 150;
/// How many lines are left of them.
const LINES: usize = 2;

/// A response as a published script reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// This text is scored.
    Text(String),
    /// The row is left out of everything, for this reason.
    LeftOut(&'static str),
    /// There is nothing that could be scored.
    Fails,
}

/// Reads a response, given as the model sent it.
pub fn read(published: &Published, raw: &str) -> Reading {
    let mut text = raw.trim().to_owned();
    for step in published.clean.iter().filter(|step| **step != Step::TwoLines) {
        text = match step {
            Step::Ascii => text.chars().filter(char::is_ascii).collect(),
            Step::Block => after_block(&text).to_owned(),
            Step::Trim => text.trim().to_owned(),
            Step::TwoLines => text,
        };
    }
    match published.empty {
        Empty::Skip if text.trim().is_empty() => {
            return Reading::LeftOut("the response is empty, and the published script skips it");
        }
        Empty::Fail if text.trim().is_empty() => return Reading::Fails,
        _ => {}
    }
    if published.clean.contains(&Step::TwoLines) && text.chars().count() > LONG {
        let lines: Vec<&str> = text.trim().split('\n').take(LINES).collect();
        text = python_list(&lines);
    }
    Reading::Text(text)
}

fn after_block(text: &str) -> &str {
    match text.rsplit_once("</think>") {
        Some((_, answer)) if text.contains("<think>") => answer,
        _ => text,
    }
}

/// Texts as Python prints a list of them.
fn python_list(texts: &[&str]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| python_string(text)).collect();
    format!("[{}]", quoted.join(", "))
}

fn python_string(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => {
                let code = u32::from(c);
                let _ = write!(out, "\\x{code:02x}");
            }
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn published(clean: &[Step], empty: Empty) -> Published {
        Published {
            folders: vec!["t".to_owned()],
            clean: clean.to_vec(),
            empty,
            take: None,
            scorer: None,
            metrics: Vec::new(),
            headline: String::new(),
        }
    }

    fn text(clean: &[Step], raw: &str) -> String {
        match read(&published(clean, Empty::Score), raw) {
            Reading::Text(text) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn deleting_what_is_not_ascii_leaves_little_of_most_languages() {
        assert_eq!(text(&[Step::Ascii], "Sijui: 5 mg, siyo 3."), "Sijui: 5 mg, siyo 3.");
        assert_eq!(text(&[Step::Ascii], "わかりません。B12です。"), "B12");
        assert_eq!(text(&[Step::Ascii], "Я не знаю, что это."), "  ,  .");
    }

    #[test]
    fn a_block_is_dropped_only_where_both_tags_are_there() {
        assert_eq!(text(&[Step::Block], "<think>a</think> <think>b</think> B"), " B");
        assert_eq!(text(&[Step::Block], "a</think> B"), "a</think> B");
        assert_eq!(text(&[Step::Block], "<think>a"), "<think>a");
    }

    #[test]
    fn a_long_text_becomes_a_list_of_its_first_two_lines() {
        let long = format!("It's\nB\n{}", "x".repeat(150));
        assert_eq!(text(&[Step::TwoLines], &long), "[\"It's\", 'B']");
        let exactly = "é".repeat(150);
        assert_eq!(text(&[Step::TwoLines], &exactly), exactly);
        let one = "é".repeat(151);
        assert_eq!(text(&[Step::TwoLines], &one), format!("['{one}']"));
    }

    #[test]
    fn an_empty_response_is_scored_or_skipped_or_fails() {
        let of = |empty| read(&published(&[Step::Block], empty), "<think>so</think>\n");
        assert_eq!(of(Empty::Score), Reading::Text(String::new()));
        assert!(matches!(of(Empty::Skip), Reading::LeftOut(_)));
        assert_eq!(of(Empty::Fail), Reading::Fails);
    }

    proptest! {
        #[test]
        fn any_text_is_read(raw in "(?s).{0,300}") {
            let all = [Step::Ascii, Step::Block, Step::Trim, Step::TwoLines];
            let read = text(&all, &raw);
            prop_assert!(read.is_ascii(), "{read}");
        }
    }
}
