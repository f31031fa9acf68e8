//! Mitigations: short system prompts under a name, read from `mitigations.toml`, each in the
//! languages of the samples. [`crate::system`] makes the system prompt of a run of them.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

const BUILTIN: &str = include_str!("../../../mitigations.toml");

/// One mitigation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mitigation {
    /// Its name: lower case, digits and hyphens.
    pub name: String,
    /// What it asks of a model, in a few words.
    pub title: String,
    /// Tasks that it is meant to better.
    #[serde(default)]
    pub meant_for: Vec<String>,
    /// Tasks that it may make worse.
    #[serde(default)]
    pub may_cost: Vec<String>,
    /// Its text by tag of the language.
    pub text: BTreeMap<String, String>,
}

/// The list of mitigations, in the order of the file.
#[derive(Debug, Clone)]
pub struct Mitigations(Vec<Mitigation>);

/// A name that no mitigation has.
#[derive(Debug, thiserror::Error)]
#[error("no mitigation is named '{name}'; known are {known}")]
pub struct UnknownMitigation {
    name: String,
    known: String,
}

impl Mitigations {
    /// The mitigations compiled into the program.
    pub fn builtin() -> Self {
        Self::parse(BUILTIN).expect("mitigations.toml is checked by a test")
    }

    /// The built-in mitigations with those of a file in the same form in their place, by name, and
    /// its further ones behind them. Fails with what is wrong.
    pub fn with(text: &str) -> Result<Self, String> {
        let mut all = Self::builtin();
        for mitigation in Self::parse(text)?.0 {
            match all.0.iter_mut().find(|known| known.name == mitigation.name) {
                Some(known) => *known = mitigation,
                None => all.0.push(mitigation),
            }
        }
        Ok(all)
    }

    fn parse(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            mitigation: Vec<Mitigation>,
        }
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut names = HashSet::new();
        for mitigation in &file.mitigation {
            let name = &mitigation.name;
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if name.is_empty() || !name.chars().all(plain) {
                return Err(format!(
                    "'{name}' is no name of a mitigation: lower case, digits and hyphens"
                ));
            }
            if !names.insert(name) {
                return Err(format!("two mitigations are named '{name}'"));
            }
        }
        Ok(Self(file.mitigation))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Mitigation> {
        self.0.iter()
    }

    /// The mitigation of this name.
    pub fn find(&self, name: &str) -> Result<&Mitigation, UnknownMitigation> {
        self.0.iter().find(|mitigation| mitigation.name == name).ok_or_else(|| {
            let known: Vec<&str> = self.iter().map(|mitigation| mitigation.name.as_str()).collect();
            UnknownMitigation { name: name.to_owned(), known: known.join(", ") }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identify;
    use crate::language::Languages;
    use crate::task::Library;

    #[test]
    fn each_text_is_there_in_all_languages_and_in_the_right_one() {
        for mitigation in Mitigations::builtin().iter() {
            let tags: Vec<&String> = mitigation.text.keys().collect();
            assert_eq!(tags.len(), Languages::builtin().iter().count(), "{}", mitigation.name);
            for (tag, text) in &mitigation.text {
                let guess = identify::identify(text).unwrap();
                assert_eq!(guess.tag, *tag, "{}: {text}", mitigation.name);
                assert_eq!(text.trim(), text);
            }
        }
    }

    #[test]
    fn the_tasks_that_they_name_exist() {
        let library = Library::builtin().unwrap();
        for mitigation in Mitigations::builtin().iter() {
            for task in mitigation.meant_for.iter().chain(&mitigation.may_cost) {
                assert!(library.find(task).is_ok(), "{}: {task}", mitigation.name);
            }
        }
    }

    #[test]
    fn a_file_adds_mitigations_and_takes_the_place_of_known_ones() {
        let one = |name: &str, text: &str| {
            format!("[[mitigation]]\nname = '{name}'\ntitle = 't'\ntext = {{ en = '{text}' }}\n")
        };
        let all =
            Mitigations::with(&(one("debias-note", "Be fair.") + &one("mine", "Hm."))).unwrap();
        assert_eq!(all.iter().count(), Mitigations::builtin().iter().count() + 1);
        assert_eq!(all.find("debias-note").unwrap().text["en"], "Be fair.");
        let unknown = all.find("Mine").unwrap_err().to_string();
        assert!(unknown.contains("'Mine'") && unknown.contains("debias-note, mine"), "{unknown}");
        for (file, why) in [
            (one("a", "x") + &one("a", "y"), "two mitigations are named 'a'"),
            (one("a,b", "x"), "'a,b' is no name of a mitigation"),
            (one("", "x"), "'' is no name"),
            ("[[mitigation]]\nname = 'a'\n".to_owned(), "title"),
            ("mitigation = 3".to_owned(), "mitigation"),
        ] {
            let error = Mitigations::with(&file).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
