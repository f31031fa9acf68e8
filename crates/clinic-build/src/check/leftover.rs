//! `leftover`: what a model says beside an item: a refusal, a placeholder, marks of a prompt or chat,
//! Markdown's fences, JSON.
//!
//! Blocks. Refusals are told by the rule of that name (`clinic_core::rules`) in what a model is asked,
//! where that holds no question mark: people in items will not do this or that, and reference answers
//! may decline. All else is looked for in every text. The tokens of a task, such as `[MASK]`, are
//! none.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use clinic_core::plain::plain;
use clinic_core::rules::{self, RuleAnswer, RuleInput};
use regex::Regex;
use serde_json::Value;

use super::set::{Entry, Said, Set};
use crate::store::{Finding, Text};

const NAME: &str = "leftover";
const TODO: &str = "have it written anew";

/// What is never part of an item, and what it is called.
static MARKS: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    [
        ("a code fence", r"```|~~~"),
        ("a mark of a chat", r"(?i)<\|[a-z_]+\|>|\[/?inst\]|<</?sys>>|</?think>|<\|?end_?of_?turn\|?>"),
        ("a mark of a prompt", r"\[[0-9a-f]{16} (?:begins|ends): "),
        ("a placeholder", r"(?i)\blorem ipsum\b|\bTBD\b|\[\s*(?:insert|your|add|enter|name|fill)\b[^\]\n]{0,60}\]|<\s*(?:insert|your|add|enter)\b[^>\n]{0,60}>|\{\{[^}\n]{0,60}\}\}"),
        ("words of an assistant", r"(?i)\bas an ai\b(?: language)? (?:model|assistant)|\bas a (?:large )?language model\b|(?:^|\n)\s*(?:sure|certainly|of course)[,!][^\n]{0,60}\bhere(?:'s|’s| is| are)\b|(?:^|\n)\s*(?:assistant|user|system):"),
        ("a key of JSON", r#""[A-Za-z_]{2,30}"\s*:\s*["\[{]"#),
    ]
    .into_iter()
    .filter_map(|(name, pattern)| Some((name, Regex::new(pattern).ok()?)))
    .collect()
});

/// Capitals in brackets, as recipes and prompts have them.
static TOKEN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\[[A-Z][A-Z _-]{2,30}\]|\{[a-z_]{2,30}\}").ok());

pub(super) fn check(set: &Set<'_>) -> Vec<Finding> {
    let texts = set.texts();
    texts.filter_map(|(entry, text)| Some(entry.on(text, said(entry, text)?))).collect()
}

fn said(entry: &Entry<'_>, text: &Text) -> Option<Said> {
    let fields = entry.recipe.fields.iter();
    let tokens: Vec<&str> = fields
        .flat_map(|field| &field.tokens)
        .chain(&entry.task.data.tokens)
        .map(String::as_str)
        .collect();
    let found = text.cells.all().find_map(|(_, cell)| leftover(cell, &tokens));
    let found = found.or_else(|| {
        let mut written = text.fields.values().filter_map(Value::as_str);
        written.find_map(json).map(|json| ("nothing but JSON", json))
    });
    let found = found.or_else(|| {
        let mut questions = text.cells.texts.values();
        questions.find_map(|question| refusal(&text.language, question))
    });
    let (what, words) = found?;
    let problem = format!("it holds {what}: \"{}\"", plain(&words, 80));
    Some(Said::block(NAME, problem, TODO))
}

/// What a text holds that no item does, and the words; `tokens` are the task's own.
pub(super) fn leftover(cell: &str, tokens: &[&str]) -> Option<(&'static str, String)> {
    let mark = MARKS.iter().find_map(|(name, mark)| Some((*name, mark.find(cell)?.as_str())));
    if let Some((name, words)) = mark {
        return Some((name, words.to_owned()));
    }
    let found = TOKEN.iter().flat_map(|token| token.find_iter(cell));
    let token = found.map(|found| found.as_str()).find(|token| !tokens.contains(token))?;
    Some(("a placeholder", token.to_owned()))
}

/// A text that is JSON as a whole.
fn json(written: &str) -> Option<String> {
    let json = serde_json::from_str::<Value>(written.trim()).ok()?;
    (json.is_object() || json.is_array()).then(|| written.to_owned())
}

/// The words by which a question declines to be one.
pub(super) fn refusal(language: &str, question: &str) -> Option<(&'static str, String)> {
    if question.contains(['?', '？', '؟']) {
        return None;
    }
    let references = BTreeMap::new();
    let input = RuleInput { language, question: "", response: question, references: &references };
    match rules::find("refusal")?.judge(&input) {
        RuleAnswer::Says { verdict: "refuses", because } => Some(("a refusal", because)),
        _ => None,
    }
}
