//! The system prompt of a run: what stands above every question, in the language of the question.
//! Made of mitigations and of a user's file; frozen in the run's plan.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::digest;
use crate::language::{Language, Languages};
use crate::mitigation::Mitigation;

/// A file of system prompts may have this many bytes.
pub const LARGEST_FILE: u64 = 1 << 20;

/// The system prompt in one language may have this many bytes.
const LARGEST: usize = 64 << 10;

/// A system prompt, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// What it is made of, in order.
    pub parts: Vec<Part>,
    /// The text by tag of the language.
    pub text: BTreeMap<String, String>,
}

/// What a system prompt is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Where it is from.
    pub from: Origin,
    /// The mitigation's name, or the file's without its folder.
    pub name: String,
    /// SHA-256 of the file, or of the mitigation's tags and texts.
    pub sha256: String,
}

/// Where a part of a system prompt is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// A mitigation.
    Mitigation,
    /// A user's file.
    File,
}

/// A part with its texts.
#[derive(Debug, Clone)]
pub struct Source {
    part: Part,
    texts: Texts,
}

#[derive(Debug, Clone)]
enum Texts {
    /// The same in every language.
    Same(String),
    /// By tag.
    Each(BTreeMap<String, String>),
}

impl From<&Mitigation> for Source {
    fn from(mitigation: &Mitigation) -> Self {
        let pieces: Vec<&[u8]> = mitigation
            .text
            .iter()
            .flat_map(|(tag, text)| [tag.as_bytes(), text.as_bytes()])
            .collect();
        let part = Part {
            from: Origin::Mitigation,
            name: mitigation.name.clone(),
            sha256: digest::hex(&pieces),
        };
        Self { part, texts: Texts::Each(mitigation.text.clone()) }
    }
}

impl Source {
    /// A user's file of this name (without its folder): where that ends in `.toml`, a table `text`
    /// of tags and texts, else one text for all languages. Fails with what is wrong.
    pub fn file(name: &str, bytes: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            text: BTreeMap<String, String>,
        }
        if bytes.len() as u64 > LARGEST_FILE {
            return Err(format!("a system prompt has at most {LARGEST_FILE} bytes"));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| format!("not UTF-8: {error}"))?;
        let text = text.trim_start_matches('\u{feff}');
        let texts = if name.to_lowercase().ends_with(".toml") {
            let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
            if let Some(tag) = file.text.keys().find(|tag| Languages::current().tag(tag).is_none())
            {
                return Err(format!("text.{tag}: no language has the tag '{tag}'"));
            }
            Texts::Each(file.text)
        } else {
            Texts::Same(text.to_owned())
        };
        let sha256 = digest::hex(&[bytes]);
        Ok(Self { part: Part { from: Origin::File, name: name.to_owned(), sha256 }, texts })
    }

    fn text(&self, tag: &str) -> Option<&str> {
        match &self.texts {
            Texts::Same(text) => Some(text),
            Texts::Each(texts) => texts.get(tag).map(String::as_str),
        }
    }
}

impl System {
    /// The system prompt of these parts in these languages, a blank line between two parts; none of
    /// no parts. Fails with what is wrong.
    pub fn of(sources: &[Source], languages: &[Language]) -> Result<Option<Self>, String> {
        let mut seen = HashSet::new();
        let mut text = BTreeMap::<String, String>::new();
        for source in sources {
            let name = &source.part.name;
            if !seen.insert(&source.part.sha256) {
                return Err(format!("{name} is named twice"));
            }
            let missing: Vec<String> = languages
                .iter()
                .filter(|language| source.text(&language.tag).is_none())
                .map(|language| format!("{} ({})", language.english, language.tag))
                .collect();
            if !missing.is_empty() {
                return Err(format!("{name} has no text in {}", missing.join(", ")));
            }
            for tag in languages.iter().map(|language| &language.tag) {
                let part = source.text(tag).unwrap_or_default().trim();
                if !crate::plain::is_visible(part) {
                    return Err(format!("{name} is empty in {tag}"));
                }
                let whole = text.entry(tag.clone()).or_default();
                if !whole.is_empty() {
                    whole.push_str("\n\n");
                }
                whole.push_str(part);
                if whole.len() > LARGEST {
                    return Err(format!(
                        "{name} makes the system prompt in {tag} longer than {LARGEST} bytes"
                    ));
                }
            }
        }
        let parts: Vec<Part> = sources.iter().map(|source| source.part.clone()).collect();
        Ok((!parts.is_empty()).then_some(Self { parts, text }))
    }

    /// Its parts with the beginning of their hashes, for people.
    pub fn label(&self) -> String {
        let label = |part: &Part| {
            let kind = match part.from {
                Origin::Mitigation => "mitigation",
                Origin::File => "file",
            };
            let sha256 = part.sha256.get(..12).unwrap_or(&part.sha256);
            format!("{kind} {} ({sha256})", part.name)
        };
        self.parts.iter().map(label).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mitigation::Mitigations;

    fn languages(tags: &[&str]) -> Vec<Language> {
        let all = Languages::builtin();
        tags.iter().map(|tag| all.tag(tag).unwrap().clone()).collect()
    }

    fn named(name: &str) -> Source {
        Mitigations::builtin().find(name).unwrap().into()
    }

    #[test]
    fn parts_stand_in_their_order_with_a_blank_line_between() {
        let mine = Source::file("mine.txt", b"\xef\xbb\xbfBe brief.\n").unwrap();
        let parts = [mine, named("debias-note")];
        let system = System::of(&parts, &languages(&["en", "sw"])).unwrap().unwrap();
        let debias = Mitigations::builtin().find("debias-note").unwrap().text["sw"].clone();
        assert_eq!(system.text["sw"], format!("Be brief.\n\n{debias}"));
        assert_eq!(system.text.keys().collect::<Vec<_>>(), ["en", "sw"]);
        let label = system.label();
        assert!(
            label.starts_with("file mine.txt (") && label.contains(", mitigation debias-note (")
        );
        assert_eq!(System::of(&[], &languages(&["en"])).unwrap(), None);
    }

    #[test]
    fn the_hash_is_of_the_source_and_not_of_the_languages_that_are_asked() {
        let of = |tags: &[&str]| {
            System::of(&[named("debias-note")], &languages(tags)).unwrap().unwrap().parts
        };
        assert_eq!(of(&["en"]), of(&["ha", "zh"]));
        assert_ne!(named("debias-note").part.sha256, named("privacy-reminder").part.sha256);
    }

    #[test]
    fn what_cannot_be_said_is_refused_with_the_reason() {
        let toml = Source::file("a.toml", b"[text]\nen = 'Hi.'\nar = ' '\n").unwrap();
        let of = |source: &Source, tags: &[&str]| {
            System::of(&[source.clone(), source.clone()][..1], &languages(tags)).unwrap_err()
        };
        assert_eq!(
            of(&toml, &["en", "sw", "ha"]),
            "a.toml has no text in Swahili (sw), Hausa (ha)"
        );
        assert_eq!(of(&toml, &["en", "ar"]), "a.toml is empty in ar");
        let invisible = Source::file("a.txt", " \u{200b}\n".as_bytes()).unwrap();
        assert_eq!(of(&invisible, &["en"]), "a.txt is empty in en");
        let long = Source::file("a.txt", "a".repeat(LARGEST + 1).as_bytes()).unwrap();
        assert!(of(&long, &["en"]).contains("longer than 65536 bytes"));
        let twice = [named("debias-note"), named("debias-note")];
        assert_eq!(
            System::of(&twice, &languages(&["en"])).unwrap_err(),
            "debias-note is named twice"
        );
        for (name, bytes, why) in [
            ("a.txt", &b"\xff"[..], "not UTF-8"),
            ("a.toml", b"[text]\nxx = 'a'\n", "no language has the tag 'xx'"),
            ("a.toml", b"en = 'a'\n", "en"),
            ("a.TOML", b"text", "expected"),
            ("a.txt", &vec![b'a'; LARGEST_FILE as usize + 1], "at most 1048576 bytes"),
        ] {
            let error = Source::file(name, bytes).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
