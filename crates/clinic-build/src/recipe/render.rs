//! From what a model wrote to the cells of a dataset.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization;

use super::{Field, FieldKind, Recipe};
use crate::store::Cells;

/// Options of a question, before they have places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The right one.
    pub right: String,
    /// The three wrong ones, in the order in which they were written.
    pub wrong: [String; 3],
    /// Whether the right one says that none of the others is right, and stands last.
    pub last: bool,
}

/// Options in their places, A to D.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The texts.
    pub texts: [String; 4],
    /// Place of the right one, from 0.
    pub right: usize,
}

/// Letters of the places, Latin in every language as in the published set.
pub const LETTERS: [char; 4] = ['A', 'B', 'C', 'D'];

/// What a template may name where there are options.
const OF_OPTIONS: [&str; 4] = ["options", "right", "letter", "wrong_letter"];

impl Options {
    /// Puts the right one at a place, from 0, and the others around it in their order.
    pub fn placed(self, place: usize) -> Placed {
        let right = if self.last { 3 } else { place.min(3) };
        let mut texts = self.wrong.to_vec();
        texts.insert(right, self.right);
        // Three and one are four.
        let texts = texts.try_into().unwrap_or_default();
        Placed { texts, right }
    }
}

impl Placed {
    /// An option with its letter.
    pub fn lettered(&self, place: usize) -> String {
        format!("{}) {}", LETTERS[place], self.texts[place])
    }

    /// Place of the wrong one that was written first.
    fn first_wrong(&self) -> usize {
        usize::from(self.right == 0)
    }

    /// All four, a line each.
    pub fn block(&self) -> String {
        (0..4).map(|place| self.lettered(place)).collect::<Vec<_>>().join("\n")
    }
}

impl Recipe {
    /// The options in what a model wrote; `None` where the task has none.
    pub fn options(&self, fields: &Map<String, Value>) -> Result<Option<Options>, String> {
        let Some(field) = self.options_field() else { return Ok(None) };
        let value = &fields.get(&field.name).unwrap_or(&Value::Null);
        let part = |name: &str| whole(&value[name], &format!("{}.{name}", field.name), field.most);
        let right = part(if field.kind == FieldKind::NoneRight { "none" } else { "right" })?;
        let wrong = value["wrong"].as_array().map(Vec::as_slice).unwrap_or_default();
        let [first, second, third] = wrong else {
            return Err(format!("{}.wrong has {} options, not 3", field.name, wrong.len()));
        };
        let wrong = [first, second, third]
            .map(|text| whole(text, &format!("{}.wrong", field.name), field.most));
        let [first, second, third] = wrong;
        let options = Options {
            right,
            wrong: [first?, second?, third?],
            last: field.kind == FieldKind::NoneRight,
        };
        let all = || options.wrong.iter().chain([&options.right]);
        if let Some(text) = all().find(|text| carries_letter(text)) {
            return Err(format!(
                "{}: the option '{text}' carries a letter or number; the program gives letters",
                field.name
            ));
        }
        let different: BTreeSet<String> = all().map(|text| bare(text)).collect();
        if different.len() < 4 {
            return Err(format!("{}: two options are the same", field.name));
        }
        Ok(Some(options))
    }

    /// The cells of an item: every field whole, its tokens in place, the right option at `place`.
    /// What is wrong is told so that the model can be asked again.
    pub fn render(&self, fields: &Map<String, Value>, place: usize) -> Result<Cells, String> {
        let placed = self.options(fields)?.map(|options| options.placed(place));
        let mut values: Vec<(String, String)> = Vec::new();
        if let Some(placed) = &placed {
            values.push(("options".to_owned(), placed.block()));
            values.push(("right".to_owned(), placed.lettered(placed.right)));
            values.push(("letter".to_owned(), LETTERS[placed.right].to_string()));
            values.push(("wrong_letter".to_owned(), LETTERS[placed.first_wrong()].to_string()));
        }
        for field in self.fields.iter().filter(|field| field.kind == FieldKind::Text) {
            let mut text = text_of(field, fields)?;
            for (token, name) in &field.fills {
                if let Some((_, value)) = values.iter().find(|(known, _)| known == name) {
                    text = text.replace(token, value);
                }
            }
            values.push((field.name.clone(), text));
        }
        let fill = |template: &str| fill(template, &values);
        let texts = self.cells.iter().map(|(file, template)| (file.clone(), fill(template)));
        let references = self.references.iter().map(|(name, of)| (name.clone(), fill(&of.text)));
        Ok(Cells { texts: texts.collect(), references: references.collect() })
    }

    /// Refuses templates with a name that no field has.
    pub(super) fn check_templates(&self) -> Result<(), String> {
        let mut known: BTreeSet<&str> = self
            .fields
            .iter()
            .filter(|field| field.kind == FieldKind::Text)
            .map(|field| field.name.as_str())
            .collect();
        if self.options_field().is_some() {
            known.extend(OF_OPTIONS);
        }
        for field in &self.fields {
            if let Some((token, name)) = field.fills.iter().find(|(token, name)| {
                token.is_empty()
                    || !known.contains(name.as_str())
                    || !OF_OPTIONS.contains(&name.as_str())
            }) {
                let all = OF_OPTIONS.join(", ");
                return Err(format!(
                    "the field '{}' fills '{token}' with '{name}'; a task with options may fill with {all}",
                    field.name
                ));
            }
        }
        let references = self.references.iter().map(|(name, of)| (name, &of.text));
        for (name, template) in self.cells.iter().chain(references) {
            for used in names(template) {
                if !known.contains(used) {
                    let known: Vec<&str> = known.iter().copied().collect();
                    let known = known.join("}, {");
                    return Err(format!("'{name}' uses {{{used}}}; known are {{{known}}}"));
                }
            }
        }
        Ok(())
    }
}

/// A text that a model wrote: there, not too long, with what it must hold.
fn text_of(field: &Field, fields: &Map<String, Value>) -> Result<String, String> {
    let text = whole(fields.get(&field.name).unwrap_or(&Value::Null), &field.name, field.most)?;
    match field.tokens.iter().chain(field.fills.keys()).find(|token| !text.contains(*token)) {
        None => Ok(text),
        Some(token) => Err(format!("{} does not hold {token}", field.name)),
    }
}

fn whole(value: &Value, name: &str, most: usize) -> Result<String, String> {
    let Some(text) = value.as_str().map(str::trim) else {
        return Err(format!("{name} is missing or no text"));
    };
    let length = text.chars().count();
    if length == 0 {
        return Err(format!("{name} is empty"));
    }
    if length > most {
        return Err(format!("{name} has {length} characters, more than {most}"));
    }
    Ok(text.to_owned())
}

/// What an option says, without case, spaces and punctuation.
fn bare(text: &str) -> String {
    let letters: String = text.nfkc().filter(|c| c.is_alphanumeric()).collect();
    // Of an option of signs alone, such as + and -, the signs are what it says.
    let said = if letters.is_empty() { text.to_owned() } else { letters };
    said.to_lowercase()
}

/// Whether an option begins with a letter or number of its own: `B) `, `(c) `, `**A.** `, `2. `.
pub(crate) fn carries_letter(text: &str) -> bool {
    let opening = |c: char| c.is_whitespace() || "([{*_\"'`-–—•".contains(c);
    let rest = text.trim_start_matches(opening);
    let rest = match rest.get(..6) {
        Some(word) if word.eq_ignore_ascii_case("option") => rest[6..].trim_start(),
        _ => rest,
    };
    let mut signs = rest.chars();
    let Some(first) = signs.next() else { return false };
    let rest = signs.as_str();
    let closed = rest.trim_start_matches([')', ']', '}', '.', ':', '*', '_', '-', '–', '—', ' ']);
    let closing = &rest[..rest.len() - closed.len()];
    let ends = closing.is_empty() || closed.is_empty() || !closing.ends_with(|c: char| c != ' ');
    match first {
        'A'..='D' | 'a'..='d' => {
            let sign = closing.trim();
            let bracketed = [")", "]", ".", ":"].iter().any(|end| sign.contains(end));
            (bracketed || (first.is_ascii_uppercase() && !sign.is_empty()))
                && (ends || sign.contains([')', ']']))
        }
        '1'..='4' => closing.trim().contains([')', ']', '.']) && ends && !closed.is_empty(),
        _ => false,
    }
}

/// One pass, so that braces in a value are text.
fn fill(template: &str, values: &[(String, String)]) -> String {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let known = after
            .split_once('}')
            .and_then(|(name, rest)| Some((values.iter().find(|(n, _)| n == name)?, rest)));
        match known {
            Some(((_, value), after)) => {
                filled.push_str(value);
                rest = after;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

/// The names in a template's braces.
fn names(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0))
}
