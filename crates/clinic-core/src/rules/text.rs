//! Text made comparable: one spelling of case, accents, apostrophes and white space.

use unicode_normalization::UnicodeNormalization;

/// Lower case, plain apostrophes, single spaces, nothing invisible; accents kept.
pub(super) fn fold(text: &str) -> String {
    let plain: String =
        text.nfkc()
            .filter(|c| !invisible(*c))
            .map(|c| {
                if matches!(c, '\u{2018}' | '\u{2019}' | '\u{2bc}' | '`' | '´') { '\'' } else { c }
            })
            .collect();
    plain.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same without accents on letters.
pub(super) fn bare(folded: &str) -> String {
    folded.nfd().filter(|c| !matches!(c, '\u{300}'..='\u{36f}')).nfc().collect()
}

/// Characters that a reader does not see and a phrase must not be broken by.
fn invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}

/// Byte offset of a phrase that stands as words of its own; one that ends in `*` may go on.
pub(super) fn find_words(text: &str, phrase: &str) -> Option<usize> {
    let (phrase, open) = phrase.strip_suffix('*').map_or((phrase, false), |stem| (stem, true));
    text.match_indices(phrase).map(|(at, _)| at).find(|at| {
        let before = text[..*at].chars().next_back();
        let after = text[at + phrase.len()..].chars().next();
        let part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        !part(before) && (open || !part(after))
    })
}

/// The words of a folded text, without punctuation around them.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ')
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|w| !w.is_empty())
}

/// Whether a text says the same few words again and again, as small models do.
pub(super) fn loops(text: &str) -> bool {
    let all: Vec<&str> = words(text).collect();
    let mut distinct = all.clone();
    distinct.sort_unstable();
    distinct.dedup();
    all.len() >= 30 && distinct.len() * 3 < all.len()
}
