//! A judge for `clinic build check` that reads what it is shown and quotes it.

use clinic_fake::{Action, Seen};
use serde_json::json;

/// How a judge behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checker {
    /// Says yes and quotes a sentence of the document.
    Honest,
    /// Says partly, with such a sentence.
    Partly,
    /// Says no.
    Against,
    /// Says yes and quotes what stands nowhere.
    Inventing,
    /// Says yes in prose.
    Chatting,
}

/// Whether a request asks for a judgement of an item.
pub fn is_check(seen: &Seen) -> bool {
    seen.prompt().contains(" begins: document]") && seen.prompt().contains("\"answered\"")
}

/// The judge's answer to a request.
pub fn checked(seen: &Seen, checker: Checker) -> Action {
    let sentence = sentence(&document(&seen.prompt()));
    let (answered, quote) = match checker {
        Checker::Honest => ("yes", sentence),
        Checker::Partly => ("partly", sentence),
        Checker::Against => ("no", String::new()),
        Checker::Inventing => ("yes", "This sentence stands in no document at all".to_owned()),
        Checker::Chatting => return Action::Text("Yes, I think that it does.".to_owned()),
    };
    let why = "It states that.";
    Action::Text(json!({"answered": answered, "quote": quote, "why": why}).to_string())
}

/// The document between its marks.
fn document(prompt: &str) -> String {
    let begun = prompt.split_once(" begins: document]\n").map_or("", |(_, rest)| rest);
    let end = begun.rfind(" ends: document]").unwrap_or(begun.len());
    let text = &begun[..end];
    text.rsplit_once("\n[").map_or(text, |(text, _)| text).to_owned()
}

/// The longest sentence: long enough to show something, in any script.
fn sentence(document: &str) -> String {
    let sentences = document.split(['.', '!', '?', '\n', '。', '।', '؟']);
    let longest = sentences.max_by_key(|sentence| sentence.chars().count());
    longest.unwrap_or_default().trim().to_owned()
}
