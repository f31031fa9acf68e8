//! Whose turn it is: the texts that still want a person's rating, in an order of that person's own.

use std::collections::BTreeMap;

use clinic_core::digest;
use clinic_core::language::Languages;
use clinic_core::plain::plain;

use super::rule::Standing;
use super::texts::{Key, Looked, look};
use crate::Project;
use crate::store::StoreError;

/// Longest name of a person, in characters.
const LONGEST_NAME: usize = 200;

/// Someone who rates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reviewer {
    /// Their name.
    pub name: String,
    /// Tags of the languages that they rate, in the project's order.
    pub languages: Vec<String>,
}

impl Reviewer {
    /// Reads `NAME` or `NAME:LANGUAGE+LANGUAGE`; without languages, all of the project. The error
    /// says what is wrong and what to do.
    pub fn parse(text: &str, project: &Project) -> Result<Self, String> {
        let (name, chosen) = match text.split_once(':') {
            Some((name, chosen)) => (name.trim(), Some(chosen)),
            None => (text.trim(), None),
        };
        if name.is_empty() || plain(name, LONGEST_NAME) != name {
            return Err(format!(
                "'{}' is no name of a reviewer: one line of up to {LONGEST_NAME} characters, \
                 without control characters, then perhaps :LANGUAGE+LANGUAGE",
                plain(text, 80)
            ));
        }
        let mut tags = Vec::new();
        for language in chosen.into_iter().flat_map(|chosen| chosen.split('+')) {
            let language = Languages::current().find(language.trim()).map_err(|e| e.to_string())?;
            if project.languages().iter().all(|own| own.tag != language.tag) {
                let own: Vec<&str> =
                    project.languages().iter().map(|own| own.english.as_str()).collect();
                return Err(format!(
                    "the project is not in {}, which {name} is to rate; it is in {}",
                    language.english,
                    own.join(", ")
                ));
            }
            tags.push(&language.tag);
        }
        let wanted = |tag: &String| chosen.is_none() || tags.contains(&tag);
        let languages = project.languages().iter().map(|language| language.tag.clone());
        Ok(Self { name: name.to_owned(), languages: languages.filter(wanted).collect() })
    }
}

/// Refuses names that differ in nothing but capitals from one another or from one that has rated
/// before: one person would count as two.
pub fn check_names(project: &Project, reviewers: &[Reviewer]) -> Result<(), NameError> {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for rating in project.store().ratings()? {
        names.insert(rating.body.reviewer.to_lowercase(), rating.body.reviewer);
    }
    for (i, reviewer) in reviewers.iter().enumerate() {
        let name = &reviewer.name;
        let low = name.to_lowercase();
        if let Some(known) = names.get(&low).filter(|known| *known != name) {
            return Err(NameError::Known(name.clone(), known.clone()));
        }
        if reviewers[..i].iter().any(|earlier| earlier.name.to_lowercase() == low) {
            return Err(NameError::Twice(name.clone()));
        }
    }
    Ok(())
}

/// Why a name cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum NameError {
    /// The store knows it in other capitals.
    #[error("'{0}' has rated as '{1}' before; write the name as it was")]
    Known(String, String),
    /// Two reviewers have it.
    #[error("two reviewers are named '{0}'; tell them apart")]
    Twice(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a person has rated and is to rate.
#[derive(Debug)]
pub(super) struct Queue {
    /// Every ready text in the person's languages.
    pub texts: BTreeMap<Key, Looked>,
    /// Those that want their rating, in their order.
    pub wanted: Vec<Key>,
    /// Those that they rated or skipped, the latest first.
    pub said: Vec<Key>,
}

impl Queue {
    /// The queue of a person as it is now.
    pub fn of(project: &Project, reviewer: &Reviewer) -> Result<Self, StoreError> {
        let mut texts = look(project)?;
        texts.retain(|(_, language), _| reviewer.languages.contains(language));
        let (mut wanted, mut said) = (Vec::new(), Vec::new());
        for (key, text) in &texts {
            match text.said(project, &reviewer.name) {
                Some(rating) => said.push((rating.id, key.clone())),
                None if text.standing(project).is_open() => wanted.push(key.clone()),
                None => {}
            }
        }
        let seed = project.config().seed.to_le_bytes();
        let place = |language: &str| reviewer.languages.iter().position(|own| own == language);
        // One language after the other, English first: the order within each is the person's own.
        wanted.sort_by_cached_key(|key| {
            let name = texts.get(key).map(|text| text.name.as_bytes()).unwrap_or_default();
            let own = [&seed[..], reviewer.name.as_bytes(), name, key.1.as_bytes()];
            (place(&key.1), digest::hex(&own))
        });
        said.sort_by_key(|(id, _)| std::cmp::Reverse(*id));
        Ok(Self { texts, wanted, said: said.into_iter().map(|(_, key)| key).collect() })
    }

    /// The key of a text by the item's key and its language's tag.
    pub fn find(&self, name: &str, language: &str) -> Option<&Key> {
        let is = |(key, text): &(&Key, &Looked)| text.name == name && key.1 == language;
        self.texts.iter().find(is).map(|(key, _)| key)
    }

    /// Whether the person may see it: it wants their rating, or has it.
    pub fn is_own(&self, key: &Key) -> bool {
        self.wanted.contains(key) || self.said.contains(key)
    }
}

/// How many texts stand how, of all that are ready.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Texts that wait for ratings.
    pub waiting: usize,
    /// Texts that may be published.
    pub included: usize,
    /// Texts that may not.
    pub excluded: usize,
    /// Texts that wait for one more person.
    pub disputed: usize,
}

impl Counts {
    /// Counts standings.
    pub fn of<'a>(standings: impl IntoIterator<Item = &'a Standing>) -> Self {
        let mut counts = Self::default();
        for standing in standings {
            match standing {
                Standing::Waiting { .. } => counts.waiting += 1,
                Standing::Included => counts.included += 1,
                Standing::Excluded { .. } => counts.excluded += 1,
                Standing::Disputed { .. } => counts.disputed += 1,
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::fixture::Bench;
    use crate::store::NewRating;

    fn wanted(bench: &Bench, who: &str) -> Vec<String> {
        let reviewer = Reviewer::parse(who, &bench.project).unwrap();
        let queue = Queue::of(&bench.project, &reviewer).unwrap();
        let name = |key: &Key| format!("{} {}", queue.texts[key].name, key.1);
        queue.wanted.iter().map(name).collect()
    }

    #[test]
    fn everyone_has_an_order_of_their_own_and_only_their_languages() {
        let bench = Bench::new(12);
        let (ana, ben) = (wanted(&bench, "ana"), wanted(&bench, "ben"));
        assert_eq!(ana.len(), 36);
        assert_eq!(ana, wanted(&bench, "ana"), "it stays as it is");
        assert_ne!(ana, ben);
        assert!(ana[..12].iter().all(|text| text.ends_with(" en")), "{ana:?}");
        let spanish = wanted(&bench, "ana: Spanish + en");
        assert_eq!(spanish.len(), 24);
        assert!(spanish[12..].iter().all(|text| text.ends_with(" es")));
    }

    #[test]
    fn what_has_enough_ratings_wants_no_more() {
        let bench = Bench::new(1);
        let store = bench.project.store();
        let rate = |name: &str, mark: u8| store.rate(&[bench.rating(name, 0, "es", mark)]).unwrap();
        rate("ana", 5);
        assert!(wanted(&bench, "ana:es").is_empty());
        assert_eq!(wanted(&bench, "ben:es"), ["honesty-0 es"]);
        rate("ben", 2);
        assert_eq!(wanted(&bench, "cleo:es"), ["honesty-0 es"], "disputed");
        assert!(wanted(&bench, "ben:es").is_empty(), "not by those who disagree");
        rate("cleo", 5);
        assert!(wanted(&bench, "dora:es").is_empty());
        // A skip is heard once; another may still rate.
        let skip = NewRating { skipped: true, ..bench.rating("ana", 0, "ar", 1) };
        store.rate(&[NewRating { marks: BTreeMap::new(), ..skip }]).unwrap();
        assert!(wanted(&bench, "ana:ar").is_empty());
        assert_eq!(wanted(&bench, "ben:ar"), ["honesty-0 ar"]);
        // A rating without a criterion that there is now is asked for again.
        let mut half = bench.rating("ana", 0, "en", 5);
        half.marks.remove("fits");
        store.rate(&[half]).unwrap();
        assert_eq!(wanted(&bench, "ana:en"), ["honesty-0 en"]);
    }

    #[test]
    fn names_are_checked() {
        let bench = Bench::new(1);
        let parse = |text: &str| Reviewer::parse(text, &bench.project);
        for (text, words) in [
            ("", "is no name"),
            (":es", "is no name"),
            ("a\u{202e}b", "is no name"),
            ("a\nb", "is no name"),
            (&"x".repeat(201), "is no name"),
            ("ana:sw", "the project is not in Swahili"),
            ("ana:", "no language is named ''"),
            ("ana:klingon", "no language is named 'klingon'"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(words), "{text}: {error}");
        }
        let [ana, other] = ["ana", "Ana"].map(|name| parse(name).unwrap());
        assert!(check_names(&bench.project, std::slice::from_ref(&other)).is_ok());
        let two = [ana.clone(), other.clone()];
        assert!(matches!(check_names(&bench.project, &two), Err(NameError::Twice(_))));
        bench.project.store().rate(&[bench.rating("ana", 0, "es", 5)]).unwrap();
        assert!(check_names(&bench.project, &[ana]).is_ok());
        let known = check_names(&bench.project, &[other]).unwrap_err().to_string();
        assert_eq!(known, "'Ana' has rated as 'ana' before; write the name as it was");
    }
}
