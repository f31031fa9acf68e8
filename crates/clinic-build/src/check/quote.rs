//! Whether words that a judge quotes stand in a document.

use super::fold::folded;

/// Words of a quote at least, of which a pair of letters is one in scripts without spaces.
const WORDS: usize = 4;
/// Letters and digits of a quote at least, where its script has spaces.
const LETTERS: usize = 12;
/// Characters of a quote that are looked at.
const LONGEST: usize = 2_000;

/// What came of a quote.
#[derive(Debug, PartialEq)]
pub(super) enum Quoted {
    /// It stands in the document.
    Found,
    /// It says too little to show anything.
    Short,
    /// It does not stand there; how many of its words do in a row, at most, and of how many.
    Lost {
        /// The longest run of words that stands there.
        run: usize,
        /// All words.
        words: usize,
    },
}

/// Looks for a quote; where it leaves something out (…), each part must be there.
pub(super) fn find(quote: &str, document: &str) -> Quoted {
    let quote: String = quote.chars().take(LONGEST).collect();
    let document = folded(document);
    let quote = folded(&quote.replace("[...]", "…").replace("[…]", "…").replace("...", "…"));
    // NFKC writes an ellipsis as three dots.
    let parts: Vec<&str> = quote
        .split("...")
        .map(|part| part.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|part| !part.is_empty())
        .collect();
    if !parts.iter().any(|part| is_telling(part)) {
        return Quoted::Short;
    }
    match parts.iter().find(|part| !document.contains(**part)) {
        None => Quoted::Found,
        Some(lost) => {
            let (run, words) = longest_run(lost, &document);
            Quoted::Lost { run, words }
        }
    }
}

/// Whether a part is long enough to be a passage.
fn is_telling(part: &str) -> bool {
    let spaceless = |c: &char| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{2ffff}');
    let pairs = part.chars().filter(spaceless).count() / 2;
    let words = part.split(' ').filter(|word| {
        word.chars().any(char::is_alphanumeric) && !word.chars().any(|c| spaceless(&c))
    });
    let letters = part.chars().filter(|c| c.is_alphanumeric()).count();
    pairs >= WORDS || (words.count() + pairs >= WORDS && letters >= LETTERS)
}

/// The longest run of words of a part that the document holds, and how many words there are.
fn longest_run(part: &str, document: &str) -> (usize, usize) {
    let words: Vec<&str> = part.split(' ').collect();
    let (mut start, mut longest) = (0, 0);
    for end in 1..=words.len() {
        while start < end && !document.contains(&words[start..end].join(" ")) {
            start += 1;
        }
        longest = longest.max(end - start);
    }
    (longest, words.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "Fever — that is, a temperature of 38 °C or more —\nlasts “three to \
        five days”. Take one tablet  every 6 hours. ﬁrst dose: 10 mg";

    #[test]
    fn a_quote_is_found_however_it_is_set() {
        for quote in [
            "lasts three to five days",
            "LASTS 'three to five days'.",
            "Take one tablet every 6\u{a0}hours",
            "\"Fever - that is, a temperature of 38 °C\"",
            "first dose: 10 mg",
            "a temperature of 38 °C ... every 6 hours",
            "Fever […] lasts three to five days",
        ] {
            assert_eq!(find(quote, DOCUMENT), Quoted::Found, "{quote}");
        }
        assert_eq!(find("每天服用一次，每次两片", "说明：每天服用一次，每次两片。"), Quoted::Found);
        let arabic = "تستمر الحمى من ثلاثة إلى خمسة أيام";
        assert_eq!(find(arabic, &format!("عادة {arabic}.")), Quoted::Found);
    }

    #[test]
    fn a_quote_of_nothing_shows_nothing() {
        for quote in ["", "…", "the", "is a", "that is, a", "38 °C", "每天", "\u{200b}"] {
            assert_eq!(find(quote, DOCUMENT), Quoted::Short, "{quote}");
        }
        // Though its parts are many.
        assert_eq!(find("of ... a ... the ... to ... or", DOCUMENT), Quoted::Short);
    }

    #[test]
    fn a_quote_that_does_not_stand_there_is_told_with_its_share() {
        let lost = find("Take one tablet every 8 hours with food", DOCUMENT);
        assert_eq!(lost, Quoted::Lost { run: 4, words: 8 });
        let lost = find("lasts three to five days ... and then it comes back again", DOCUMENT);
        assert!(matches!(lost, Quoted::Lost { words: 6, .. }), "{lost:?}");
        assert!(matches!(find("none of this is there", DOCUMENT), Quoted::Lost { run: 1, .. }));
    }
}
