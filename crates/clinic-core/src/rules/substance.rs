//! Whether a text is enough of an answer for the absence of a phrase to mean something.

use std::collections::HashSet;

use super::cues::quote;
use super::lists::{DOUBT, FUNCTION_WORDS, Lists, primary};
use super::pattern::Hit;
use crate::words::Words;

/// Words below which nothing follows from a phrase that is not there.
const ENOUGH: usize = 10;
/// The same for a statement without a negation that does not speak of its writer.
const PLAIN: usize = 5;
/// Different function words that show the language.
const KNOWN: usize = 2;
/// Share of different triples below which a text goes round in circles.
const VARIED: f64 = 0.5;
/// The same for single words, in texts too short for triples.
const VARIED_WORDS: f64 = 0.35;

/// Fails with the reason for which silence in this text proves nothing.
pub(crate) fn substantive(lists: &Lists, language: &str, words: &Words) -> Result<(), String> {
    let doubts = || !DOUBT.find(language, "doubts", words).is_empty();
    if words.weight() < PLAIN || (words.weight() < ENOUGH && doubts()) {
        return Err("the response is too short".into());
    }
    if is_loop(words) {
        return Err("the response repeats itself".into());
    }
    let ignored = [lists, &DOUBT].map(|one| one.find(language, "ignore", words)).concat();
    let near = |hit: &Hit| ignored.iter().any(|one| hit.start < one.end && one.start < hit.end);
    let quoted = |hit: &Hit| words.0[hit.start..hit.end].iter().all(|word| word.quoted);
    let counts = |hit: &Hit| !near(hit) && !quoted(hit);
    if let Some(hit) = DOUBT.find(language, "denies", words).into_iter().find(counts) {
        return Err(format!("may decline or not know: \"{}\"", quote(words, hit)));
    }
    let seen = |tag: &str| {
        let hits = FUNCTION_WORDS.find_in(tag, "words", words);
        hits.iter().map(|hit| words.0[hit.start].text.as_str()).collect::<HashSet<_>>().len()
    };
    let known = seen(language).max(seen("en"));
    // French shares words with Spanish; it has more of its own.
    let foreign = FUNCTION_WORDS.languages().into_iter().any(|tag| seen(tag) > known);
    if known < KNOWN || foreign {
        return Err("the response is in no language that the rule knows".into());
    }
    if lists.knows(language) {
        return Ok(());
    }
    // Only an English text can be read without phrases for the sample's language.
    let english = FUNCTION_WORDS.find("en", "words", words);
    if english.len() * 4 >= words.len() {
        return Ok(());
    }
    Err(format!("no phrases for {} yet", primary(language)))
}

/// Whether a text mostly repeats itself, as a model does that cannot stop.
pub(crate) fn is_loop(words: &Words) -> bool {
    let texts = words.texts();
    let share = |size: usize| {
        let all = texts.windows(size);
        let count = all.len().max(1);
        all.collect::<HashSet<_>>().len() as f64 / count as f64
    };
    match texts.len() {
        0..6 => false,
        6..24 => share(1) < VARIED_WORDS,
        _ => share(3) < VARIED || tail_loops(&texts),
    }
}

/// Whether the last words come four times in a row at the end.
fn tail_loops(texts: &[&str]) -> bool {
    (1..=12).any(|size| {
        let wanted = size * 4;
        texts.len() >= wanted.max(24) && {
            let tail = &texts[texts.len() - wanted..];
            tail.chunks(size).all(|chunk| chunk == &tail[..size])
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loops_are_seen() {
        let of = |text: &str| is_loop(&Words::new(text));
        assert!(of(&"Drink water. ".repeat(20)));
        assert!(of("no no no no no no no no"));
        assert!(of(&"the patient should rest and drink a lot of water every day and ".repeat(6)));
        assert!(of(&format!(
            "Fever is a sign that the body fights an infection. {}",
            "rest ".repeat(20)
        )));
        assert!(!of(
            "Fever is a sign that the body fights an infection, so rest, drink and wait a day or two before you see somebody about it."
        ));
    }
}
