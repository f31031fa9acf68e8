//! The languages, read from `languages.toml`: names, script, direction and tier as data.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

static CURRENT: OnceLock<Languages> = OnceLock::new();
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
        Self::parse(BUILTIN).expect("languages.toml is checked by a test")
    }

    /// Those that this process works with: the built-in ones, unless [`Languages::adopt`] came
    /// first.
    pub fn current() -> &'static Self {
        CURRENT.get_or_init(Self::builtin)
    }

    /// Makes these the languages of this process; gives them back where it has some already.
    pub fn adopt(self) -> Result<(), Self> {
        CURRENT.set(self)
    }

    /// The built-in languages with those of a file in the same form in their place, by tag, and its
    /// further ones behind them. Fails with what is wrong.
    pub fn with(text: &str) -> Result<Self, String> {
        let mut all = Self::builtin();
        for language in Self::parse(text)?.0 {
            match all.0.iter_mut().find(|known| known.tag == language.tag) {
                Some(known) => *known = language,
                None => all.0.push(language),
            }
        }
        all.check()?;
        Ok(all)
    }

    fn parse(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            language: Vec<Language>,
        }
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let languages = Self(file.language);
        languages.check()?;
        Ok(languages)
    }

    /// Names must tell languages apart, since users and files name them.
    fn check(&self) -> Result<(), String> {
        let mut names = std::collections::HashMap::new();
        for (i, language) in self.0.iter().enumerate() {
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
            if language.tag.is_empty() || !language.tag.chars().all(plain) {
                return Err(format!("'{}' is no BCP 47 tag", language.tag));
            }
            for name in [&language.tag, &language.english, &language.own] {
                let name = name.trim().to_lowercase();
                if name.is_empty() {
                    return Err(format!("the language {} has an empty name", language.tag));
                }
                if names.insert(name.clone(), i).is_some_and(|earlier| earlier != i) {
                    return Err(format!("two languages are named '{name}'"));
                }
            }
        }
        Ok(())
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
