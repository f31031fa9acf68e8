//! The small language of the phrase lists, and how a phrase is found among words.
//!
//! `(a|b|)` is one of several, `help*` any word that begins so, `_` one word, `..` up to three words,
//! `...` up to fifteen, `^` and `$` the ends of a sentence, `@` a slot whose word the rule reads, `=họ` the word with
//! its accents. All else is compared folded; a phrase stays within one sentence.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::iter::Peekable;
use std::str::Chars;

use crate::words::{Word, Words};

/// Words that `..` and `...` may stand for, at most.
const GAP: usize = 3;
const LONG_GAP: usize = 15;

#[derive(Debug, Clone)]
enum Piece {
    Exact(String),
    /// Folded, and as it is written.
    Accented(String, String),
    Prefix(String),
    OneOf(Vec<Vec<Piece>>),
    Any,
    Gap(usize),
    Start,
    End,
    Slot,
}

/// A phrase found: the words from `start` up to `end`, and the slot's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hit {
    /// First word.
    pub start: usize,
    /// One past the last word.
    pub end: usize,
    /// The word at `@`.
    pub slot: Option<usize>,
}

/// Phrases compiled for search.
#[derive(Debug, Default)]
pub(crate) struct Patterns {
    phrases: Vec<Vec<Piece>>,
    /// Phrases by the words that they can begin with.
    by_word: HashMap<String, Vec<usize>>,
    /// Phrases that can begin with any word, with the words of which they need one.
    others: Vec<(usize, BTreeSet<String>)>,
}

impl Patterns {
    /// Compiles phrases.
    pub fn new<'a>(phrases: impl IntoIterator<Item = &'a str>) -> Self {
        let mut own = Self::default();
        for (number, phrase) in phrases.into_iter().enumerate() {
            let pieces = compile(&mut phrase.chars().peekable());
            let mut words = BTreeSet::new();
            if beginnings(&pieces, &mut words) == Beginning::Words {
                for word in words {
                    own.by_word.entry(word).or_default().push(number);
                }
            } else {
                own.others.push((number, needed(&pieces)));
            }
            own.phrases.push(pieces);
        }
        own
    }

    /// Every place where a phrase is found, in order; one hit a phrase and place.
    pub fn find(&self, words: &Words) -> Vec<Hit> {
        self.find_among(words, &words.texts().into_iter().collect())
    }

    /// The same, with the set of the text's words at hand.
    pub fn find_among(&self, words: &Words, all: &HashSet<&str>) -> Vec<Hit> {
        let possible = |needed: &BTreeSet<String>| {
            needed.is_empty() || needed.iter().any(|word| all.contains(word.as_str()))
        };
        let others = self.others.iter().filter(|(_, needed)| possible(needed));
        let others: Vec<usize> = others.map(|(number, _)| *number).collect();
        let mut hits = Vec::new();
        for (start, word) in words.0.iter().enumerate() {
            let known = self.by_word.get(&word.text).into_iter().flatten();
            for number in known.chain(&others) {
                let mut search = Search { words: &words.0, start, slot: None };
                let all = Frame { pieces: &self.phrases[*number], next: None };
                if let Some(end) = search.walk(&all, start).filter(|end| *end > start) {
                    hits.push(Hit { start, end, slot: search.slot });
                }
            }
        }
        hits
    }
}

/// Pieces still to be matched, then those of the frame around them.
struct Frame<'a> {
    pieces: &'a [Piece],
    next: Option<&'a Frame<'a>>,
}

struct Search<'a> {
    words: &'a [Word],
    start: usize,
    slot: Option<usize>,
}

impl Search<'_> {
    /// Where the pieces end if they match from a word on.
    fn walk(&mut self, frame: &Frame, at: usize) -> Option<usize> {
        let Some((piece, rest)) = frame.pieces.split_first() else {
            return frame.next.map_or(Some(at), |next| self.walk(next, at));
        };
        let rest = Frame { pieces: rest, next: frame.next };
        let sentence = self.words[self.start].sentence;
        let inside = |at: usize| self.words.get(at).filter(|word| word.sentence == sentence);
        let here = inside(at);
        let matches = match piece {
            Piece::OneOf(choices) => {
                return choices
                    .iter()
                    .find_map(|one| self.walk(&Frame { pieces: one, next: Some(&rest) }, at));
            }
            Piece::Gap(most) => {
                let skips =
                    (0..=*most).take_while(|skip| *skip == 0 || inside(at + skip - 1).is_some());
                return Vec::from_iter(skips)
                    .into_iter()
                    .find_map(|skip| self.walk(&rest, at + skip));
            }
            Piece::Start if at == 0 || self.words[at - 1].sentence != sentence => {
                return self.walk(&rest, at);
            }
            Piece::End if here.is_none() => return self.walk(&rest, at),
            Piece::Start | Piece::End => false,
            Piece::Exact(text) => here.is_some_and(|word| word.text == *text),
            Piece::Accented(_, text) => here.is_some_and(|word| word.lower == *text),
            Piece::Prefix(text) => here.is_some_and(|word| word.text.starts_with(text.as_str())),
            Piece::Any | Piece::Slot => here.is_some(),
        };
        let end = matches.then(|| self.walk(&rest, at + 1)).flatten()?;
        if matches!(piece, Piece::Slot) {
            self.slot = Some(at);
        }
        Some(end)
    }
}

/// Words of which a text must hold one for the pieces to be found; none if that cannot be said.
fn needed(pieces: &[Piece]) -> BTreeSet<String> {
    let sets = pieces.iter().filter_map(|piece| {
        let mut words = BTreeSet::new();
        let certain = beginnings(std::slice::from_ref(piece), &mut words) == Beginning::Words;
        certain.then_some(words)
    });
    sets.min_by_key(BTreeSet::len).unwrap_or_default()
}

/// What a row of pieces can begin with.
#[derive(Debug, PartialEq, Eq)]
enum Beginning {
    /// The words gathered.
    Words,
    /// Them, or nothing at all.
    Empty,
    /// Any word.
    Anything,
}

fn beginnings(pieces: &[Piece], words: &mut BTreeSet<String>) -> Beginning {
    for piece in pieces {
        match piece {
            Piece::Start => {}
            Piece::Exact(word) | Piece::Accented(word, _) => {
                words.insert(word.clone());
                return Beginning::Words;
            }
            Piece::OneOf(choices) => {
                let all: Vec<Beginning> =
                    choices.iter().map(|one| beginnings(one, words)).collect();
                if all.contains(&Beginning::Anything) {
                    return Beginning::Anything;
                }
                if !all.contains(&Beginning::Empty) {
                    return Beginning::Words;
                }
            }
            _ => return Beginning::Anything,
        }
    }
    Beginning::Empty
}

/// Reads pieces up to the end, or to the `|` or `)` that ends a choice.
fn compile(chars: &mut Peekable<Chars>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut part = String::new();
    while let Some(c) = chars.peek().copied().filter(|c| !matches!(c, '|' | ')')) {
        chars.next();
        if c == '(' {
            push(&mut part, &mut pieces);
            let mut choices = vec![compile(chars)];
            while chars.next() == Some('|') {
                choices.push(compile(chars));
            }
            pieces.push(Piece::OneOf(choices));
        } else if c.is_whitespace() {
            push(&mut part, &mut pieces);
        } else {
            part.push(c);
        }
    }
    push(&mut part, &mut pieces);
    pieces
}

/// Makes pieces of what stood between two blanks.
fn push(part: &mut String, pieces: &mut Vec<Piece>) {
    let part = std::mem::take(part);
    match part.as_str() {
        "" => {}
        "^" => pieces.push(Piece::Start),
        "$" => pieces.push(Piece::End),
        "_" => pieces.push(Piece::Any),
        ".." => pieces.push(Piece::Gap(GAP)),
        "..." => pieces.push(Piece::Gap(LONG_GAP)),
        "@" => pieces.push(Piece::Slot),
        _ if part.starts_with('=') => {
            let words = Words::new(&part).0;
            pieces.extend(words.into_iter().map(|word| Piece::Accented(word.text, word.lower)));
        }
        _ => {
            let words = Words::new(&part).0;
            let last = words.len().saturating_sub(1);
            for (i, word) in words.into_iter().enumerate() {
                let prefix = part.ends_with('*') && i == last;
                pieces.push(if prefix {
                    Piece::Prefix(word.text)
                } else {
                    Piece::Exact(word.text)
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(phrase: &str, text: &str) -> bool {
        !Patterns::new([phrase]).find(&Words::new(text)).is_empty()
    }

    #[test]
    fn a_phrase_is_found_in_its_forms_and_nowhere_else() {
        assert!(finds("i can't (help|assist)( you|) with", "Sorry, I cannot assist you with that"));
        assert!(!finds("i can't help", "I can. Not help."));
        assert!(finds("no (lo|la) sé", "¡No lo se!"));
        assert!(finds("siwezi kuku*", "Siwezi kukusaidia"));
        assert!(!finds("help", "helpful"));
        assert!(finds("=họ", "Họ") && !finds("=họ", "ho") && finds("họ", "ho"));
        assert!(finds("我不知道", "对不起，我不知道。"));
        assert!(finds("^ 不知道", "不知道"));
        assert!(!finds("^ 不知道", "说明你不知道"));
        assert!(finds("알 수 없", "저는 알수 없습니다"));
        assert!(finds("the .. is (wrong|flawed)", "the whole question is flawed"));
        assert!(!finds("the .. is wrong", "the one two three four is wrong"));
        assert!(finds("i know $", "what I know.") && !finds("i know $", "I know it"));
    }

    #[test]
    fn choices_may_be_empty_nested_and_first() {
        let phrase = "(so|) (it (is|was)|this) (a|) pity";
        for text in ["so it was a pity", "this pity", "it is pity"] {
            assert!(finds(phrase, text), "{text}");
        }
        assert!(!finds(phrase, "so was a pity"));
        assert!(
            finds("help( you|) with", "help you with") && finds("help( you|) with", "help with")
        );
    }

    #[test]
    fn the_slot_tells_its_word() {
        let words = Words::new("The answer is B because");
        let hits = Patterns::new(["answer is @"]).find(&words);
        assert_eq!(hits, [Hit { start: 1, end: 4, slot: Some(3) }]);
    }
}
