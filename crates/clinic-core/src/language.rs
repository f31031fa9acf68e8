//! The languages, read from `languages.toml`: names, script, direction and tier as data.

use serde::{Deserialize, Serialize};

const BUILTIN: &str = include_str!("../../../languages.toml");

/// One language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// BCP 47 tag, such as `sw`.
    pub tag: String,
    /// Name in English; also the header of its column in dataset files.
    pub english: String,
    /// Name in the language itself.
    pub own: String,
    /// ISO 15924 code of its script.
    pub script: String,
    /// `ltr` or `rtl`.
    pub direction: Direction,
    /// Resource tier.
    pub tier: Tier,
}

/// Direction of writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Left to right.
    Ltr,
    /// Right to left.
    Rtl,
}

/// How much text there is to train on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Plenty.
    High,
    /// Some.
    Medium,
    /// Little.
    Low,
}

impl std::fmt::Display for Tier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        })
    }
}

/// The list of languages, in the order of the file.
#[derive(Debug, Clone)]
pub struct Languages(Vec<Language>);

/// A name that no language has.
#[derive(Debug, thiserror::Error)]
#[error("no language is named '{name}'; known are {known}")]
pub struct UnknownLanguage {
    name: String,
    known: String,
}

impl Languages {
    /// The languages compiled into the program.
    pub fn builtin() -> Self {
        #[derive(Deserialize)]
        struct File {
            language: Vec<Language>,
        }
        let file: File = toml::from_str(BUILTIN).expect("languages.toml is checked by a test");
        Self(file.language)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Language> {
        self.0.iter()
    }

    /// The language with this tag.
    pub fn tag(&self, tag: &str) -> Option<&Language> {
        self.0.iter().find(|l| l.tag == tag)
    }

    /// The language that a user means: by tag, English name or own name, in any case.
    pub fn find(&self, name: &str) -> Result<&Language, UnknownLanguage> {
        let wanted = name.trim().to_lowercase();
        self.0
            .iter()
            .find(|l| {
                [&l.tag, &l.english, &l.own].iter().any(|known| known.to_lowercase() == wanted)
            })
            .ok_or_else(|| UnknownLanguage {
                name: name.trim().to_owned(),
                known: self
                    .0
                    .iter()
                    .map(|l| format!("{} ({})", l.english, l.tag))
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }

    /// The place of a tag in the file, for sorting; unknown tags come last.
    pub fn position(&self, tag: &str) -> usize {
        self.0.iter().position(|l| l.tag == tag).unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_fifteen_languages_in_three_tiers() {
        let languages = Languages::builtin();
        let count = |tier| languages.iter().filter(|l| l.tier == tier).count();
        assert_eq!((count(Tier::High), count(Tier::Medium), count(Tier::Low)), (8, 3, 4));
    }

    #[test]
    fn a_language_is_found_by_tag_english_name_and_own_name() {
        let languages = Languages::builtin();
        for name in ["sw", "Swahili", "kiswahili", " SW "] {
            assert_eq!(languages.find(name).unwrap().tag, "sw");
        }
        let error = languages.find("Klingon").unwrap_err().to_string();
        assert!(error.contains("'Klingon'") && error.contains("Hausa (ha)"), "{error}");
    }
}
