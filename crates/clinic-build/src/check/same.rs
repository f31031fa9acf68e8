//! `same`: a text in another language that is the English one, or nearly.
//!
//! Blocks a text of which a question shares `near_duplicate` of its letter groups with the English
//! question. References that all languages share are none of its business, nor are texts below 20
//! letters, which may be the same by chance.

use clinic_data::validate::near;

use super::set::{Entry, Said, Set};
use crate::store::{Finding, Text};

const NAME: &str = "same";
/// Letters of a text that is the same as the English one by no chance.
const LETTERS: usize = 20;

pub(super) fn check(set: &Set<'_>) -> Vec<Finding> {
    let least = set.project.config().check.near_duplicate;
    set.entries().flat_map(|entry| of_item(entry, least)).collect()
}

fn of_item(entry: &Entry<'_>, least: f64) -> Vec<Finding> {
    let Some(english) = entry.english() else { return Vec::new() };
    let others = entry.texts.iter().filter(|text| text.language != "en");
    others.filter_map(|text| Some(entry.on(text, said(english, text, least)?))).collect()
}

fn said(english: &Text, text: &Text, least: f64) -> Option<Said> {
    let mut nearest: Option<(f64, &str)> = None;
    for (file, own) in &text.cells.texts {
        let Some(other) = english.cells.texts.get(file) else { continue };
        let letters = own.chars().filter(|c| c.is_alphabetic()).count();
        let similarity = near::similarity(own, other);
        if letters >= LETTERS && similarity >= least && nearest.is_none_or(|n| n.0 < similarity) {
            nearest = Some((similarity, file));
        }
    }
    let (similarity, file) = nearest?;
    let problem = match similarity {
        1.0 => format!("{file} is the English text"),
        _ => format!(
            "{file} has {:.0} % of its letter groups from the English text",
            100.0 * similarity
        ),
    };
    Some(Said::block(NAME, problem, "have it written anew in its language").measure(similarity))
}
