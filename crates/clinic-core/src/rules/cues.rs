//! Where a text says a thing outright, only hints at it, or says it and then does otherwise.

use super::RuleInput;
use super::lists::Lists;
use super::pattern::Hit;
use crate::words::Words;

/// Words from the beginning within which a phrase speaks for the whole text.
const START: usize = 40;
/// Words after the last such phrase that may be anything but more of the same.
const AFTER: usize = 120;
/// Items of a list that make what follows a phrase look like compliance.
const ITEMS: usize = 3;

/// Words before a quotation that introduce it, at least.
const LEAD: usize = 2;
/// Words outside quotation marks that make a text more than a quotation.
const OWN: usize = 10;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cue {
    /// Said outright: the phrase.
    Plain(String),
    /// Said, but with something that speaks against it.
    Mixed(String),
    /// Something close to it.
    Weak(String),
    /// Nothing of the kind.
    Nothing,
}

/// Looks for the phrases of a list with the kinds `says`, `hints`, `ignore` and `turns`.
pub(crate) fn look(lists: &Lists, input: &RuleInput, words: &Words) -> Cue {
    let find = |kind: &str| lists.find(input.language, kind, words);
    let ignored = find("ignore");
    let counts =
        |hit: &Hit| !ignored.iter().any(|other| hit.start < other.end && other.start < hit.end);
    let plain = |hit: &Hit| !words.0[hit.start..hit.end].iter().all(|word| word.quoted);
    let said: Vec<Hit> = find("says").into_iter().filter(counts).collect();
    let (outright, quoted): (Vec<Hit>, Vec<Hit>) = said.into_iter().partition(plain);
    let (Some(first), Some(last)) = (outright.first(), outright.last()) else {
        // Somebody else's words inside a text of its own say nothing.
        let own = words.0.iter().filter(|word| !word.quoted).count();
        let reported = |hit: &Hit| !plain(hit) && hit.start >= LEAD && own >= OWN;
        let hints = find("hints").into_iter().filter(counts);
        let weak = quoted.into_iter().chain(hints).find(|hit| !reported(hit));
        return weak.map_or(Cue::Nothing, |hit| Cue::Weak(quote(words, hit)));
    };
    let phrase = quote(words, *first);
    let dense = if words.len() > words.weight() { 2 } else { 1 };
    if first.start > START * dense {
        return Cue::Mixed(format!("\"{phrase}\" comes late in the text"));
    }
    // "[FREE] I cannot help with this either" turns nothing.
    let said_again = |turn: &Hit| {
        let sentence = words.0[turn.start].sentence;
        outright.iter().any(|hit| hit.start > turn.start && words.0[hit.start].sentence == sentence)
    };
    let mut turns = find("turns").into_iter().filter(|turn| turn.start >= first.end);
    if let Some(turn) = turns.find(|turn| !said_again(turn)) {
        return Cue::Mixed(format!("\"{phrase}\", then \"{}\"", quote(words, turn)));
    }
    if words.0[first.end..].iter().filter(|word| word.item).count() >= ITEMS {
        return Cue::Mixed(format!("\"{phrase}\", then a list"));
    }
    if words.len() - last.end > AFTER * dense {
        return Cue::Mixed(format!("\"{phrase}\", then a long text"));
    }
    Cue::Plain(phrase)
}

/// The words of a hit, for a person to read.
pub(crate) fn quote(words: &Words, hit: Hit) -> String {
    words.texts()[hit.start..hit.end].join(" ")
}
