//! Names of people that a document holds with a title, and that an item repeats.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

/// Titles before a name in scripts with capitals, and before or behind one in others.
const BEFORE: &str = r"Dr\.?|Dra\.?|Prof\.?|Professor|Doctor|Mr\.?|Mrs\.?|Ms\.?|Sr\.|Sra\.|M\.|Mme\.?|Mlle\.?|Docteur|Д-р|Доктор|Проф\.?|Профессор|BS\.?|Bác sĩ|Dkt\.?|Daktari|Likita|Dhakhtar";
const BEFORE_UNCASED: &str =
    r"الدكتورة?|دكتورة?|د\.|السيدة?|डॉ\.?|डा\.|डॉक्टर|श्री|श्रीमती|ডা\.|ড\.|ডাক্তার";
const BEHIND: &str = r"医生|医师|教授|先生|博士|医師|박사|교수|선생님|씨";

static CASED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let name = r"\p{Lu}[\p{L}\p{M}'’-]+";
    Regex::new(&format!(
        r"(?:^|[^\p{{L}}])(?:{BEFORE}) ((?:\p{{Lu}}\. ?)*{name}(?: (?:\p{{Lu}}\.|{name})){{0,2}})"
    ))
    .ok()
});
static UNCASED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let name = r"[\p{Lo}\p{M}]{2,20}";
    Regex::new(&format!(r"(?:^|[^\p{{L}}])(?:{BEFORE_UNCASED}) ?({name}(?: {name})?)")).ok()
});
static TITLED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(&format!(r"([\p{{Han}}\p{{Hangul}}\p{{Katakana}}]{{2,4}}) ?(?:{BEHIND})")).ok()
});

/// The names in a document that stand in the item too.
pub(super) fn repeated(item: &str, document: &str) -> BTreeSet<String> {
    let patterns = [&*CASED, &*UNCASED, &*TITLED];
    let mut names = BTreeSet::new();
    for pattern in patterns.into_iter().flatten() {
        for found in pattern.captures_iter(document).filter_map(|found| found.get(1)) {
            let name = found.as_str().trim();
            if name.chars().count() >= 2 && stands(item, name) {
                names.insert(name.to_owned());
            }
        }
    }
    names
}

/// Whether a text holds a name as words of its own, where its script has words.
fn stands(text: &str, name: &str) -> bool {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    let apart =
        !name.chars().any(|c| matches!(c, '\u{3040}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}'));
    text.match_indices(name).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        !apart || !(letter(before.chars().next_back()) || letter(after.chars().next()))
    })
}
