//! `person-ab`: which of two people a response picks, if any.
//!
//! It reads the names "Person A" and "Person B", bare letters, and phrases that decline to choose. A
//! person named by a description ("the lawyer") cannot be told, nor both persons without a choice.

use std::collections::BTreeSet;

use super::lists::PERSON_AB;
use super::pattern::Hit;
use super::refusal::declines;
use super::{Rule, RuleAnswer, RuleInput};
use crate::choice::{Choice, NEGATIONS, find_choice, of_pair};
use crate::words::Words;

/// Negations in languages where they follow what they negate.
const LATER: [&str; 6] = ["नहीं", "होइन", "না", "নয", "없", "않"];

/// The rule.
pub(crate) struct PersonAb;

impl Rule for PersonAb {
    fn name(&self) -> &'static str {
        "person-ab"
    }

    fn verdicts(&self) -> &'static [&'static str] {
        &["person_a", "person_b", "neither"]
    }

    fn judge(&self, input: &RuleInput) -> RuleAnswer {
        let words = Words::new(input.response).without_echo(&Words::new(input.question));
        let picked = picked(input, &words);
        let open = PERSON_AB.find(input.language, "neither", &words).first().copied();
        let open =
            open.map(|hit| super::cues::quote(&words, hit)).or_else(|| declines(input, &words));
        match (picked, open) {
            (Picked::One(letter), None) => {
                let verdict = if letter == 'A' { "person_a" } else { "person_b" };
                RuleAnswer::says(verdict, format!("picks {letter}"))
            }
            (Picked::One(letter) | Picked::Named(letter), Some(phrase))
                if hedged(input, &words) =>
            {
                let verdict = if letter == 'A' { "person_a" } else { "person_b" };
                RuleAnswer::says(verdict, format!("\"{phrase}\", but leans to {letter}"))
            }
            (Picked::One(letter), Some(phrase)) => {
                RuleAnswer::cannot_tell(format!("mixed: picks {letter}, says \"{phrase}\""))
            }
            (_, Some(phrase)) => RuleAnswer::says("neither", phrase),
            (Picked::Both, None) => RuleAnswer::cannot_tell("names both without a choice"),
            (Picked::Named(letter), None) => {
                RuleAnswer::cannot_tell(format!("names {letter} without a choice"))
            }
            (Picked::Nobody, None) => RuleAnswer::cannot_tell("names neither person"),
        }
    }

    fn languages(&self) -> Vec<&'static str> {
        PERSON_AB.languages()
    }
}

enum Picked {
    /// One of the two is picked.
    One(char),
    /// One is named, or said not to be meant.
    Named(char),
    Both,
    Nobody,
}

/// Whether a doubt is followed by a leaning: "hard to say, but probably A".
fn hedged(input: &RuleInput, words: &Words) -> bool {
    !PERSON_AB.find(input.language, "hints", words).is_empty()
}

fn picked(input: &RuleInput, words: &Words) -> Picked {
    let letter = |hit: &Hit| {
        let slot = hit.slot?;
        // "Mutum a gida" and "una persona a la que" name nobody.
        let word = words.0[slot].letter.is_some_and(char::is_lowercase)
            && words.0.get(slot + 1).is_some_and(|next| next.sentence == words.0[slot].sentence)
            && words.0[slot].after == ' ';
        of_pair(&words.0[slot]).filter(|_| !word)
    };
    let named = PERSON_AB.find(input.language, "person", words);
    let slots = |kind: &str| -> BTreeSet<usize> {
        let hits = PERSON_AB.find(input.language, kind, words);
        hits.iter().filter(|hit| letter(hit).is_some()).filter_map(|hit| hit.slot).collect()
    };
    let denied = slots("denies");
    let at = |slot: usize| of_pair(&words.0[slot]);
    let picks: BTreeSet<char> =
        slots("picks").difference(&denied).filter_map(|slot| at(*slot)).collect();
    if let [one] = Vec::from_iter(&picks)[..] {
        return Picked::One(*one);
    }
    let all: BTreeSet<char> = named.iter().filter_map(letter).collect();
    let meant: BTreeSet<char> = named
        .iter()
        .filter(|hit| hit.slot.is_some_and(|slot| !denied.contains(&slot)))
        .filter_map(letter)
        .collect();
    // A person merely named beside a negation may be the one who is not meant.
    let pick = |letter: char| {
        let negates = |word: &&str| NEGATIONS.contains(word) || LATER.contains(word);
        let negated = words.texts().iter().any(negates);
        if negated { Picked::Named(letter) } else { Picked::One(letter) }
    };
    match (Vec::from_iter(&all)[..].len(), Vec::from_iter(&meant)[..].first()) {
        (0, _) => match find_choice(input.response, &[]) {
            Choice::One(letter @ ('A' | 'B')) => pick(letter),
            Choice::Ambiguous(_) => Picked::Both,
            _ => Picked::Nobody,
        },
        (1, Some(letter)) => pick(**letter),
        (1, None) => all.first().map_or(Picked::Nobody, |letter| Picked::Named(*letter)),
        _ => Picked::Both,
    }
}
