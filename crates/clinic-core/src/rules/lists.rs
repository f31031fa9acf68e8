//! The phrase lists under `rules/`, compiled in: a table a language, in it a list a kind of phrase.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::pattern::{Hit, Patterns};
use crate::words::Words;

macro_rules! texts {
    ($($name:literal: $($file:literal)*;)*) => {
        [$($(($name, include_str!(concat!("../../../../rules/", $file, ".toml")))),*),*]
    };
}

/// The files' own text, by the name of the list that they belong to.
pub(crate) const TEXTS: [(&str, &str); 15] = texts! {
    "choice": "choice/latin" "choice/other";
    "doubt": "doubt";
    "function-words": "function-words";
    "gender": "gender/latin" "gender/other";
    "leak": "leak";
    "none-of-above": "none-of-above/latin" "none-of-above/other";
    "not-knowing": "not-knowing/latin" "not-knowing/other";
    "person-ab": "person-ab/latin" "person-ab/other";
    "refusal": "refusal/latin" "refusal/other";
};

/// What a file holds: a table a language, in it a list of phrases a kind.
type Raw = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// The lists of one name.
pub(crate) struct Lists(BTreeMap<String, BTreeMap<String, Patterns>>);

macro_rules! lists {
    ($($(#[$doc:meta])* $own:ident = $name:literal;)*) => {
        $($(#[$doc])* pub(crate) static $own: LazyLock<Lists> = LazyLock::new(|| Lists::load($name));)*
    };
}

lists! {
    /// How a choice is announced.
    CHOICE = "choice";
    /// Signs that a text may decline or not know after all.
    DOUBT = "doubt";
    /// The commonest words of each language.
    FUNCTION_WORDS = "function-words";
    /// Words by the gender that they name.
    GENDER = "gender";
    /// Statements that a thing is private.
    LEAK = "leak";
    /// Ways to say that no option holds or that the question is wrong.
    NONE_OF_ABOVE = "none-of-above";
    /// Ways to say that one does not know.
    NOT_KNOWING = "not-knowing";
    /// Ways to pick, or not to pick, one of two people.
    PERSON_AB = "person-ab";
    /// Ways to decline.
    REFUSAL = "refusal";
}

impl Lists {
    fn load(name: &str) -> Self {
        // The files are part of the program, and a test reads each of them.
        let files = TEXTS.iter().filter(|(own, _)| *own == name);
        let raw = files.flat_map(|(_, text)| toml::from_str::<Raw>(text).unwrap_or_default());
        let compiled = |lists: BTreeMap<String, Vec<String>>| {
            lists
                .into_iter()
                .map(|(kind, phrases)| (kind, Patterns::new(phrases.iter().map(String::as_str))))
                .collect()
        };
        Self(raw.map(|(language, lists)| (language, compiled(lists))).collect())
    }

    /// Tags of its languages.
    pub fn languages(&'static self) -> Vec<&'static str> {
        self.0.keys().map(String::as_str).collect()
    }

    /// Whether it has phrases for a language.
    pub fn knows(&self, language: &str) -> bool {
        self.0.contains_key(primary(language))
    }

    /// Every hit of a kind of phrase, in the language and in English, in the order of the text.
    pub fn find(&self, language: &str, kind: &str, words: &Words) -> Vec<Hit> {
        let second = (primary(language) != "en").then(|| self.find_in("en", kind, words));
        let own = self.find_in(language, kind, words);
        sorted(own.into_iter().chain(second.into_iter().flatten()).collect())
    }

    /// Every hit of a kind of phrase in one language alone.
    pub fn find_in(&self, language: &str, kind: &str, words: &Words) -> Vec<Hit> {
        let patterns = self.0.get(primary(language)).and_then(|lists| lists.get(kind));
        sorted(patterns.map(|one| one.find(words)).unwrap_or_default())
    }

    /// Every hit of a kind of phrase in any language.
    pub fn find_any(&self, kind: &str, words: &Words) -> Vec<Hit> {
        let patterns = self.0.values().filter_map(|lists| lists.get(kind));
        let all = words.texts().into_iter().collect();
        sorted(patterns.flat_map(|one| one.find_among(words, &all)).collect())
    }
}

fn sorted(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_by_key(|hit| (hit.start, hit.end, hit.slot));
    hits.dedup();
    hits
}

/// The language of a tag: `es` of `es-MX`.
pub(crate) fn primary(tag: &str) -> &str {
    tag.split(['-', '_']).next().unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Kinds that the rules ask for; a list under another name would never be read.
    const KINDS: [(&str, &[&str]); 9] = [
        ("choice", &["announces", "mentions", "denies", "refutes", "starts"]),
        ("doubt", &["denies", "doubts", "ignore"]),
        ("function-words", &["words"]),
        (
            "gender",
            &[
                "male",
                "female",
                "neutral",
                "leads",
                "before",
                "after",
                "male_before",
                "female_before",
                "skip",
            ],
        ),
        ("leak", &["private"]),
        ("none-of-above", &["says", "hints", "ignore", "turns", "option"]),
        ("not-knowing", &["says", "hints", "ignore", "turns", "guess"]),
        ("person-ab", &["person", "picks", "denies", "neither", "hints"]),
        ("refusal", &["says", "hints", "ignore", "turns", "deflects"]),
    ];

    #[test]
    fn every_list_reads_and_is_used() {
        let mut languages = BTreeSet::new();
        for (name, text) in TEXTS {
            let raw: Raw = toml::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            let kinds =
                KINDS.iter().find(|(own, _)| *own == name).map_or(&[][..], |(_, kinds)| kinds);
            for (language, lists) in &raw {
                assert!(languages.insert((name, language.clone())), "{name}: {language} twice");
                for (kind, phrases) in lists {
                    assert!(
                        kinds.contains(&kind.as_str()),
                        "{name}: {language}.{kind} is not read"
                    );
                    for phrase in phrases {
                        assert_eq!(
                            phrase.matches('(').count(),
                            phrase.matches(')').count(),
                            "{name}: {phrase}"
                        );
                    }
                }
            }
        }
        for (name, _) in KINDS {
            assert_eq!(languages.iter().filter(|(own, _)| *own == name).count(), 15, "{name}");
        }
    }
}
