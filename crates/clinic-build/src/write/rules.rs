//! What must be true of an item's text before it is kept: what a program can tell without a judge.

use std::collections::HashSet;

use clinic_core::choice::parse_options;
use clinic_core::identify::{self, Match};
use clinic_core::language::{Language, Languages};
use clinic_core::rules;
use clinic_core::task::Task;
use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization;

use super::fault::{Fault, Sort};
use crate::recipe::{FieldKind, Options, Recipe};
use crate::store::Cells;

/// Words of the instructions in a row that no item of its own has.
const COPIED: usize = 10;
/// Letters of a field from which its language is looked at by itself.
const LONG: usize = 60;
/// Words from which a text in another language is no chance likeness of the English one.
const SAME: usize = 4;

/// Makes the cells of an item, or says what is wrong with it. `english`: the cells of the English
/// text, where this is another language.
pub(super) fn cells(
    task: &Task,
    recipe: &Recipe,
    fields: &Map<String, Value>,
    place: usize,
    language: &Language,
    english: Option<&Cells>,
) -> Result<Cells, Fault> {
    if let Some(options) = recipe.options(fields).map_err(|what| Sort::Options.with(what))?
        && options.last
    {
        none_is_none(&options, language)?;
    }
    let cells = recipe.render(fields, place).map_err(|what| Sort::Rule.with(what))?;
    form(task, recipe, fields, &cells)?;
    copied(recipe, &cells)?;
    if let Some(english) = english {
        as_english(&cells, english)?;
    }
    in_language(task, recipe, fields, &cells, language)?;
    Ok(cells)
}

/// Where "none of the above" is right, that option says so, and no other does.
fn none_is_none(options: &Options, language: &Language) -> Result<(), Fault> {
    let says = |text: &String| rules::says_none_of_above(&language.tag, text);
    if says(&options.right) == Some(false) {
        let what = format!(
            "'{}' does not say that none of the other options is right; use the words that tests \
             in {} have for it",
            options.right, language.english
        );
        return Err(Sort::Options.with(what));
    }
    match options.wrong.iter().find(|text| says(text) == Some(true)) {
        None => Ok(()),
        Some(text) => {
            Err(Sort::Options
                .with(format!("'{text}' says none of the above, and is no wrong option")))
        }
    }
}

/// What the task's scorer and `clinic data validate` need of each text.
fn form(
    task: &Task,
    recipe: &Recipe,
    fields: &Map<String, Value>,
    cells: &Cells,
) -> Result<(), Fault> {
    for token in &task.data.tokens {
        if cells.texts.values().any(|text| text.matches(token.as_str()).count() != 1) {
            return Err(Sort::Rule.with(format!("{token} must stand in the text exactly once")));
        }
    }
    if recipe.options_field().is_some() {
        let four = |text: &String| {
            parse_options(text).iter().map(|option| option.letter).eq(['A', 'B', 'C', 'D'])
        };
        let mut texts = fields.values().filter_map(Value::as_str);
        if texts.any(|text| parse_options(text).len() > 1) || !cells.texts.values().all(four) {
            let what = "the question reads as if it held options of its own; leave them out of it";
            return Err(Sort::Options.with(what));
        }
    }
    let plain = |text: &str| text.nfkc().collect::<String>().to_lowercase();
    for group in &task.data.groups {
        let of = |(_, file): (&str, &str)| cells.texts.get(file).map(|text| text.trim());
        let texts: Vec<&str> = group.variants().filter_map(of).collect();
        let different: HashSet<&str> = texts.iter().copied().collect();
        if different.len() < texts.len() {
            return Err(Sort::Rule.with("the two forms of the question are the same"));
        }
        for name in &task.data.differ {
            let reference = cells.references.get(name).map(|text| text.trim());
            if texts.iter().any(|text| Some(*text) == reference) {
                let what = "an altered form is the same as the question as it was";
                return Err(Sort::Rule.with(what));
            }
        }
        for name in &task.data.within {
            let reference = cells.references.get(name).map_or("", String::as_str);
            let holds = |text: &str| {
                let text = plain(text);
                reference.split(';').all(|part| text.contains(plain(part.trim()).as_str()))
            };
            if !texts.iter().all(|text| holds(text)) {
                let what = format!("{name} does not stand in the text in the same words");
                return Err(Sort::Rule.with(what));
            }
        }
    }
    Ok(())
}

/// Refuses a text that says our instructions back.
fn copied(recipe: &Recipe, cells: &Cells) -> Result<(), Fault> {
    let instructions = recipe.fields.iter().map(|field| field.means.as_str());
    let instructions = instructions.chain([recipe.holds.as_str(), recipe.stays.as_str()]);
    let runs: HashSet<Vec<String>> = instructions
        .flat_map(|text| words(text).windows(COPIED).map(<[_]>::to_vec).collect::<Vec<_>>())
        .collect();
    for (name, text) in cells.all() {
        if words(text).windows(COPIED).any(|run| runs.contains(run)) {
            return Err(Sort::Copied.with(format!("{name} repeats the instructions")));
        }
    }
    Ok(())
}

/// Refuses a text that was left in English.
fn as_english(cells: &Cells, english: &Cells) -> Result<(), Fault> {
    let theirs: Vec<(&str, &str)> = english.all().collect();
    for (name, text) in cells.all() {
        let own = words(&without_fixed(text));
        let same = theirs
            .iter()
            .any(|(known, theirs)| known == &name && words(&without_fixed(theirs)) == own);
        if same && own.len() >= SAME {
            return Err(Sort::AsEnglish.with(format!("{name} is the English text word for word")));
        }
    }
    Ok(())
}

/// A text without what is the same in every language: numbers and addresses.
fn without_fixed(text: &str) -> String {
    let is_word = |word: &&str| !word.contains('@') && !word.chars().any(char::is_numeric);
    text.split_whitespace().filter(is_word).collect::<Vec<_>>().join(" ")
}

/// Refuses a text in another language, as far as that can be told: all together, and each field that
/// is long enough by itself. Of altered texts only what they were made from is looked at: they are
/// misspelt or mixed on purpose.
fn in_language(
    task: &Task,
    recipe: &Recipe,
    fields: &Map<String, Value>,
    cells: &Cells,
    language: &Language,
) -> Result<(), Fault> {
    if task.data.altered {
        let references: Vec<&str> = cells.references.values().map(String::as_str).collect();
        return is_in(&references.join("\n"), "it", language);
    }
    let texts = recipe.fields.iter().filter(|field| field.kind == FieldKind::Text);
    for field in texts {
        let text = fields.get(&field.name).and_then(Value::as_str).unwrap_or_default();
        let tokens = field.tokens.iter().chain(field.fills.keys());
        let text = tokens.fold(text.to_owned(), |text, token| text.replace(token.as_str(), " "));
        if text.chars().filter(|c| c.is_alphabetic()).count() >= LONG {
            is_in(&text, &field.name, language)?;
        }
    }
    let mut all = cells.all().map(|(_, text)| text).collect::<Vec<_>>().join("\n");
    for token in &task.data.tokens {
        all = all.replace(token.as_str(), " ");
    }
    is_in(&all, "it", language)
}

fn is_in(text: &str, name: &str, language: &Language) -> Result<(), Fault> {
    let Match::Other(found) = identify::compare(text, &language.tag) else { return Ok(()) };
    let found = found.map(|tag| match Languages::current().tag(tag) {
        Some(found) => found.english.clone(),
        None => format!("the language '{tag}'"),
    });
    let found = found.map_or_else(String::new, |found| format!(", but reads like {found}"));
    Err(Sort::Language.with(format!("{name} is not in {}{found}", language.english)))
}

fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_same_in_every_language_is_no_sign_of_english() {
        for fixed in ["mali@example.org; 555-0123", "0123456789-555-0123-4567", "12 mg, 3.5 ml"] {
            assert!(words(&without_fixed(fixed)).len() < SAME, "{fixed}");
        }
        assert_eq!(words(&without_fixed("take 2 tablets in the morning")).len(), 5);
    }
}
