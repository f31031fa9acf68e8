//! Why a document is left out.

use std::fmt;

use clinic_core::plain::plain;

/// Characters of a foreign word or message that are told.
const TOLD: usize = 200;

/// Why a document is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It seems to be in another language; the tag of that one, where it can be told.
    Language {
        /// English name of the language that it claims.
        claimed: String,
        /// English name or tag of what it seems to be.
        seems: Option<String>,
    },
    /// It has so few characters.
    Short {
        /// What it has.
        characters: usize,
        /// What it needs.
        least: usize,
    },
    /// Another document of the source has the same text; its name.
    Same(String),
    /// Another document of the source has the same name and language; where that one is.
    Twice(String),
    /// Nothing that a reader sees.
    NoText(String),
    /// It cannot be read, and why.
    Unreadable(String),
    /// It is longer than may be.
    Long(String),
    /// What it is made of is not read, such as sound.
    Kind(String),
    /// No language has this name.
    NoLanguage(String),
    /// robots.txt does not want it fetched.
    Robots(String),
    /// The server has no such document.
    Absent(String),
    /// It could not be fetched, and why; it may be there all the same.
    NotFetched(String),
}

impl Why {
    /// In a word or two, to be counted.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Language { .. } => "in another language",
            Self::Short { .. } => "too short",
            Self::Same(_) => "the same text as another",
            Self::Twice(_) => "the same name as another",
            Self::NoText(_) => "no text in it",
            Self::Unreadable(_) => "unreadable",
            Self::Long(_) => "too long",
            Self::Kind(_) => "of a kind that is not read",
            Self::NoLanguage(_) => "in no known language",
            Self::Robots(_) => "forbidden by robots.txt",
            Self::Absent(_) => "not there",
            Self::NotFetched(_) => "not fetched",
        }
    }

    /// Whether nobody could look, so that what was there before may be there still.
    pub fn is_unseen(&self) -> bool {
        matches!(self, Self::NotFetched(_))
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = |text: &str| plain(text, TOLD);
        match self {
            Self::Language { claimed, seems: Some(seems) } => {
                write!(f, "it should be {claimed} and seems to be {seems}")
            }
            Self::Language { claimed, seems: None } => {
                write!(f, "it should be {claimed} and is not written in its script")
            }
            Self::Short { characters, least } => {
                write!(f, "it has {characters} characters, and {least} are needed")
            }
            Self::Same(other) => write!(f, "its text is that of {}", told(other)),
            Self::Twice(other) => write!(f, "{} has the same name and language", told(other)),
            Self::NoLanguage(name) => write!(f, "no language is named '{}'", told(name)),
            Self::Robots(why)
            | Self::NoText(why)
            | Self::Unreadable(why)
            | Self::Long(why)
            | Self::Kind(why)
            | Self::Absent(why)
            | Self::NotFetched(why) => f.write_str(&told(why)),
        }
    }
}
