//! Patterns of personal data, in a text whose digits of all scripts are made plain.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use super::reserved;

/// Sorts of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Email,
    Web,
    Account,
    Birth,
    Street,
    Telephone,
    Number,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "the e-mail address",
            Self::Web => "the web address",
            Self::Account => "the account number",
            Self::Birth => "the date of birth",
            Self::Street => "the street address",
            Self::Telephone => "the telephone number",
            Self::Number => "the number",
        }
    }
}

/// Something that may be a person's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Personal {
    pub kind: Kind,
    /// As it stands, but for digits.
    pub text: String,
    /// What is compared: letters and digits alone, small.
    pub key: String,
}

/// Words for being born, in the 15 languages; some follow the date.
const BORN: &str = "born|birth|dob|nacid[oa]|nació|nacimiento|née?|naissance|родил|рожд|г\\. ?р\\.|\
    مولود|ولد|ولادة|ميلاد|जन्म|জন্ম|出生|生于|生日|生まれ|生年月日|출생|생년월일|태어|sinh|kuzaliwa|\
    alizaliwa|amezaliwa|haihu|haife|dhash|dhalat";
/// Days as they are written in them.
const DATE: &str = r"(?:\d{1,2}[./-]\d{1,2}[./-]\d{4}|\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}\.? (?:de )?\p{L}[\p{L}\p{M}]+ (?:de )?\d{4}|\p{L}[\p{L}\p{M}]+ \d{1,2},? \d{4}|\d{4} ?[年년] ?\d{1,2} ?[月월] ?\d{1,2} ?[日일])";
/// Words for streets behind a number and a name.
const STREET: &str = "street|st\\.|road|rd\\.|avenue|ave\\.|lane|drive|boulevard|blvd|court|close";
/// Words for streets before a name and a number.
const STREET_OF: &str = "calle|avenida|avda\\.|rue|avenue|boulevard|улица|ул\\.|проспект|пр-т|шоссе|\
    شارع|طريق|barabara ya|mtaa wa|titin|waddada|jidka";

/// Sorts and what they look like; what comes first is not looked at again.
const LOOKS: [(Kind, &[&str]); 7] = [
    (Kind::Email, &[r"[\p{L}\p{M}\d._%+-]+@(?:[\p{L}\d-]+\.)+[A-Za-z]{2,24}"]),
    (
        Kind::Web,
        &[
            r"(?i:https?://|www\.)[^\s<>\x22'()]+",
            r"\b(?i:(?:[a-z0-9-]+\.)+(?:com|org|net|gov|edu|int|info|(?:co|com|gov|gob|go|gouv|ac|org)\.[a-z]{2}))\b",
        ],
    ),
    (Kind::Account, &[r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"]),
    (
        Kind::Birth,
        &[
            r"(?i:BORN)[^\n\d]{0,30}DATE",
            r"DATE[^\n\d]{0,12}(?:出生|生于|生まれ|출생|태어|जन्म|জন্ম)",
        ],
    ),
    (
        Kind::Street,
        &[
            r"\b\d{1,5}[A-Za-z]? (?:\p{Lu}[\p{L}'’.]* ){1,4}(?i:STREET_)(?:\b|\s|$)",
            r"\b(?i:STREET_OF)(?: [\p{L}\p{M}'’.-]+){1,5},? (?:n[º°o]\.? ?|số |д\. ?|رقم )?\d{1,5}\b",
            r"\b\d{1,5},? (?i:rue|avenue|boulevard|allée|chemin|impasse|place|шоссе|شارع|طريق) \p{L}+",
            r"\b\p{Lu}\p{L}+ (?:улица|переулок|проспект|шоссе),? (?:д\. ?)?\d{1,5}\b",
            r"\b\d{1,5},? [\p{L}\p{M}]+ (?:लेन|मार्ग|रोड|सड़क|गली|লেন|রোড|সড়ক|গলি)",
            r"\bgida mai lamba \d{1,5}",
            // The Vietnamese word for a street is that for sugar, too.
            r"\b(?:[Đđ]ường|[Pp]hố|[Nn]gõ)(?: \p{Lu}[\p{L}\p{M}]*){1,5},? (?:số )?\d{1,5}\b",
            r"\b\d{1,5},? (?:[Đđ]ường|[Pp]hố|[Nn]gõ) \p{Lu}\p{L}*",
            r"\p{Han}+[路街道巷] ?\d{1,5} ?[号號]",
            r"[\p{Han}\p{Hiragana}\p{Katakana}ー]+(?:\d{1,2}丁目|\d{1,4}番地)",
            r"\p{Hangul}+(?:대로|번길|길|로 ?\d{1,3}번?길) ?\d{1,4}",
        ],
    ),
    (
        Kind::Telephone,
        &[r"(?:\+|\b00)? ?\(?\d{1,6}\)?(?:[ .\u{2011}-]{1,2}\(?\d{2,9}\)?){1,6}", r"\+\d{7,15}"],
    ),
    (Kind::Number, &[r"[A-Za-z]{0,4}\d{7,}"]),
];

static PATTERNS: LazyLock<Vec<(Kind, Regex)>> = LazyLock::new(|| {
    let filled = |look: &&str| {
        look.replace("BORN", BORN)
            .replace("DATE", DATE)
            .replace("STREET_OF", STREET_OF)
            .replace("STREET_", STREET)
    };
    let pattern = |(kind, looks): &(Kind, &[&str])| {
        let all: Vec<String> = looks.iter().map(filled).collect();
        Some((*kind, Regex::new(&all.join("|")).ok()?))
    };
    LOOKS.iter().filter_map(pattern).collect()
});

/// Whether a pattern could not be read; a test looks, so that none is ever left out in silence.
#[cfg(test)]
pub(super) fn patterns() -> usize {
    PATTERNS.len()
}

/// All that may be a person's and is not reserved for examples, each place told once.
pub(super) fn find(text: &str) -> Vec<Personal> {
    let mut text = plain_digits(text);
    let mut found = Vec::new();
    for (kind, pattern) in PATTERNS.iter() {
        let mut places = Vec::new();
        for place in pattern.find_iter(&text) {
            // A pattern that ends within a number has found a part of something else.
            if *kind == Kind::Telephone
                && text[place.end()..].starts_with(|c: char| c.is_ascii_digit())
            {
                continue;
            }
            let said = place.as_str().trim();
            if is_personal(*kind, said) {
                found.push(Personal { kind: *kind, text: said.to_owned(), key: key(said) });
            }
            places.push(place.range());
        }
        // What is one thing is not told as another, too.
        for range in places.into_iter().rev() {
            let blank = "\n".repeat(range.len());
            text.replace_range(range, &blank);
        }
    }
    found
}

fn is_personal(kind: Kind, said: &str) -> bool {
    let digits: String = said.chars().filter(char::is_ascii_digit).collect();
    match kind {
        Kind::Email => {
            let host = said.rsplit_once('@').map_or("", |(_, host)| host);
            !reserved::is_example_host(host)
        }
        Kind::Web => {
            let bare = said.split_once("://").map_or(said, |(_, rest)| rest);
            let host = bare.split(['/', '?', '#', ':']).next().unwrap_or_default();
            !reserved::is_example_host(host)
        }
        Kind::Account => digits.len() >= 8,
        Kind::Birth | Kind::Street => true,
        Kind::Telephone => {
            (7..=15).contains(&digits.len())
                && !reserved::is_for_stories(&digits)
                && !is_date_or_amount(said)
        }
        // Trials have numbers that everybody may know.
        Kind::Number => {
            !reserved::is_for_stories(&digits)
                && !digits.ends_with("0000")
                && !said.starts_with("NCT")
        }
    }
}

/// Dates, ranges of years, and numbers or ranges of numbers whose thousands stand apart.
fn is_date_or_amount(said: &str) -> bool {
    if said.starts_with(['+', '(']) || said.starts_with("00") {
        return false;
    }
    let groups = |text: &str| -> Vec<String> {
        let groups = text.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty());
        groups.map(str::to_owned).collect()
    };
    let year = |group: &String| {
        group.len() == 4 && group.parse().is_ok_and(|year: u32| (1800..2200).contains(&year))
    };
    let small = |group: &String| group.len() <= 2;
    let date = match groups(said).as_slice() {
        [a, b] => year(a) && year(b),
        [a, b, c] => (year(a) && small(b) && small(c)) || (year(c) && small(a) && small(b)),
        _ => false,
    };
    let amount = |text: &str| match groups(text).as_slice() {
        [] => false,
        [alone] => alone.len() <= 3,
        [first, rest @ ..] => {
            first.len() <= 3
                && rest.iter().all(|group| group.len() == 3)
                && rest.last().is_some_and(|last| last.ends_with("00"))
        }
    };
    date || said.split(['-', '\u{2011}']).all(amount)
}

/// Letters and digits alone, in small.
fn key(said: &str) -> String {
    said.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The text in NFKC, with the decimal digits of scripts as 0 to 9 and what cannot be seen left out.
pub(super) fn plain_digits(text: &str) -> String {
    clinic_core::plain::revealed(text).nfkc().map(plain_digit).collect()
}

fn plain_digit(c: char) -> char {
    /// Zeros of the scripts whose digits texts in the 15 languages may have.
    const ZEROS: [u32; 12] =
        [0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50];
    let code = u32::from(c);
    let digit = ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code));
    digit.and_then(|zero| char::from_digit(code - zero, 10)).unwrap_or(c)
}
