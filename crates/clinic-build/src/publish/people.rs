//! Who reviewed the set, by pseudonyms.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Set;
use crate::store::Rating;

/// Names that are none: `reviewer 1` and so on, in the order in which they first appear.
#[derive(Debug, Default)]
pub struct Pseudonyms(BTreeMap<String, usize>);

impl Pseudonyms {
    /// Numbers those who rated.
    pub fn of_all(ratings: &[Rating]) -> Self {
        let mut numbers = BTreeMap::new();
        for rating in ratings {
            let next = numbers.len() + 1;
            numbers.entry(rating.body.reviewer.clone()).or_insert(next);
        }
        Self(numbers)
    }

    /// The pseudonym of a name.
    pub fn of(&self, name: &str) -> String {
        match self.0.get(name) {
            Some(number) => format!("reviewer {number}"),
            None => "reviewer".to_owned(),
        }
    }
}

/// What people said of the published texts, as these are now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Reviewed {
    /// People.
    pub people: usize,
    /// Their ratings, each person's last on a text; skips are none.
    pub ratings: usize,
    /// Texts that somebody rated.
    pub texts: usize,
    /// The fewest and the most ratings that a text has.
    pub each: (usize, usize),
}

impl Reviewed {
    /// Counts the ratings of a set.
    pub fn of(set: &Set, ratings: &[Rating]) -> Self {
        let mut found: BTreeMap<(i64, &str), (String, BTreeSet<&str>)> = BTreeMap::new();
        for chosen in set.values().flatten() {
            for text in &chosen.texts {
                let key = (chosen.item.id, text.language.as_str());
                found.insert(key, (text.cells.digest(), BTreeSet::new()));
            }
        }
        for rating in ratings.iter().filter(|rating| !rating.body.skipped) {
            let body = &rating.body;
            if let Some((digest, names)) = found.get_mut(&(body.item, body.language.as_str()))
                && *digest == body.digest
            {
                names.insert(&body.reviewer);
            }
        }
        let counts = || found.values().map(|(_, names)| names.len());
        let people: BTreeSet<&str> = found.values().flat_map(|(_, names)| names).copied().collect();
        Self {
            people: people.len(),
            ratings: counts().sum(),
            texts: counts().filter(|n| *n > 0).count(),
            each: (counts().min().unwrap_or(0), counts().max().unwrap_or(0)),
        }
    }
}
