//! Options of a multiple-choice question, and which of them a response chooses.
//!
//! Signs are read from the strongest down: a response that is one letter; a choice announced ("the
//! answer is B"); a line led by a letter; letters and options named in passing; an option's own text.
//! Only the strongest kind that is there counts. Two letters of one kind are ambiguous, not wrong.

mod labels;
mod letters;
mod near;
mod options;
#[cfg(test)]
mod tests;

pub(crate) use labels::of_pair;
pub use options::{Opt, parse_options};

use std::collections::BTreeSet;

use crate::rules::CHOICE;
use crate::words::{Word, Words};
use labels::Labels;
pub(crate) use near::NEGATIONS;
use near::{ARTICLES, doubts};

/// What a response chooses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// One option.
    One(char),
    /// Several, in order of letters.
    Ambiguous(Vec<char>),
    /// None.
    None,
}

/// Words of a response that may hold little but a choice, at most.
const SHORT: usize = 5;
/// Letters of a word that may have an ending in a language that inflects, and of the ending.
const STEM: usize = 5;
const ENDING: usize = 3;

/// The option that a response chooses; `options` may be empty, then only letters count.
pub fn find_choice(response: &str, options: &[Opt]) -> Choice {
    let words = Words::new(response);
    let marks: Vec<char> = options.iter().map(|option| option.mark).collect();
    let labels = Labels::new(&marks, &words.0);
    if let [only] = words.0.as_slice()
        && let Some(letter) = labels.read(only)
    {
        return Choice::One(letter);
    }
    let reader = Reader::new(words, labels, options);
    let announced = reader.announced();
    if !announced.is_empty() {
        return decide(announced);
    }
    if let Some(letter) = reader.opening() {
        return Choice::One(letter);
    }
    let listed = parse_options(response);
    if listed.len() >= 3 || (listed.len() >= 2 && listed.len() == options.len()) {
        return decide(listed.iter().map(|option| option.letter).collect());
    }
    [Reader::leading, Reader::mentioned, Reader::brief, Reader::named]
        .iter()
        .map(|read| decide(read(&reader)))
        .find(|choice| *choice != Choice::None)
        .unwrap_or(Choice::None)
}

/// The first A, B, C or D that stands alone as an upper-case word once ASCII punctuation is deleted:
/// the letter as the published script finds it, so that "A patient" chooses A and "（Ｂ）" nothing.
pub fn first_capital(response: &str) -> Option<char> {
    let bare: String = response.chars().filter(|c| !c.is_ascii_punctuation()).collect();
    bare.split_whitespace().find_map(|word| match word {
        "A" | "B" | "C" | "D" => word.chars().next(),
        _ => None,
    })
}

fn decide(letters: BTreeSet<char>) -> Choice {
    let letters: Vec<char> = letters.into_iter().collect();
    match letters.as_slice() {
        [] => Choice::None,
        [letter] => Choice::One(*letter),
        _ => Choice::Ambiguous(letters),
    }
}

/// An option's text as words.
struct Text {
    letter: char,
    words: Words,
}

impl Text {
    fn new(option: &Opt) -> Self {
        Self { letter: option.letter, words: Words::new(&option.text) }
    }

    /// Whether some words begin with this text.
    fn begins(&self, words: &[Word]) -> bool {
        let own = &self.words.0;
        !own.is_empty()
            && own.len() <= words.len()
            && own.iter().zip(words).all(|(a, b)| same_word(&a.text, &b.text))
    }
}

/// Whether a word is an option's word, be it with an article before it or an ending after it.
fn same_word(own: &str, word: &str) -> bool {
    let bare = |word: &str| {
        let heads = ["l'", "d'", "ال"];
        heads.iter().find_map(|head| word.strip_prefix(head)).unwrap_or(word).to_owned()
    };
    let inflected = |c: char| matches!(c, '\u{400}'..='\u{4ff}' | '\u{900}'..='\u{9ff}');
    let ends = |end: &str| {
        end.chars().count() <= ENDING && own.chars().count() >= STEM && own.chars().all(inflected)
    };
    own == word
        || bare(own) == bare(word)
        || word.strip_prefix(own).is_some_and(ends)
        || declined(own, word)
}

/// Whether two Russian words differ in nothing but the ending of a noun or an adjective.
fn declined(own: &str, word: &str) -> bool {
    let cyrillic = |c: char| matches!(c, '\u{400}'..='\u{4ff}');
    let stem = own.chars().zip(word.chars()).take_while(|(a, b)| a == b).count();
    let rest = |word: &str| word.chars().skip(stem).collect::<String>();
    let ending =
        ["а", "я", "ь", "о", "е", "ы", "и", "ая", "яя", "ии", "ыи", "ое", "ые", "ие", "ия"];
    own.chars().all(cyrillic)
        && stem >= STEM
        && ending.contains(&rest(own).as_str())
        && word.chars().all(cyrillic)
        && rest(word).chars().count() <= ENDING
}

struct Reader {
    words: Words,
    labels: Labels,
    texts: Vec<Text>,
    /// Words at which a letter or option is said not to be the answer.
    denied: BTreeSet<usize>,
    /// Words from which on that is said of what stands before.
    refuted: BTreeSet<usize>,
}

impl Reader {
    /// Options announced as the answer.
    fn announced(&self) -> BTreeSet<char> {
        let hits = CHOICE.find_any("announces", &self.words);
        let mut slots: Vec<(usize, bool)> =
            hits.iter().filter_map(|hit| Some((hit.slot?, hit.end > hit.slot? + 1))).collect();
        // "Q: … A: …": here A stands for "answer".
        if let Some(first) =
            self.words.0.first().filter(|word| word.letter == Some('A') && word.after == ':')
            && self.text_at(1) != Some('A')
            && first.line == self.word(1).map_or(0, |word| word.line)
        {
            slots.push((1, false));
        }
        let meant = slots.into_iter().filter(|(slot, _)| !self.denied.contains(slot));
        meant.flat_map(|(slot, sure)| self.option_at(slot, sure)).collect()
    }

    /// Words that are letters and lead a line.
    fn leads(&self) -> Vec<usize> {
        let first_of_line =
            |at: usize| at == 0 || self.words.0[at - 1].line != self.words.0[at].line;
        let marked = |at: usize| {
            let word = &self.words.0[at];
            let own_text = self.has_own_text(at);
            let alone = self.word(at + 1).is_none_or(|next| next.line != word.line);
            let colon_a = word.letter == Some('A') && word.after == ':' && !own_text && !alone;
            let marks = match word.letter {
                Some('a'..='d' | 'а'..='я') => {
                    word.after == ')' || (word.after == '.' && own_text)
                }
                Some(_) => ")].:*,،、。।-–\"".contains(word.after) || own_text || alone,
                None => false,
            };
            marks && !colon_a && !self.is_abbreviation(at)
        };
        let counts = |at: &usize| first_of_line(*at) && !self.denied.contains(at) && marked(*at);
        (0..self.words.len()).filter(counts).filter(|at| self.label(*at).is_some()).collect()
    }

    /// The letter that opens the response, where the lines after it go back to an earlier one: they
    /// discuss the options, while a mere list would go on.
    fn opening(&self) -> Option<char> {
        let leads = self.leads();
        let (first, second) = (*leads.first()?, *leads.get(1)?);
        let letter = self.label(first).filter(|_| first == 0)?;
        let named = self.option_at(first, true);
        (self.label(second)? < letter && named == [letter]).then_some(letter)
    }

    /// Whether the line of a word is short and doubts or denies, an option's own text aside.
    fn doubted(&self, at: usize) -> bool {
        let Some(word) = self.word(at) else { return false };
        let line: Vec<&Word> = self.words.0.iter().filter(|w| w.line == word.line).collect();
        line.len() <= 2 * SHORT
            && !self.has_own_text(at)
            && line.iter().any(|word| doubts(&word.text))
    }

    /// Letters that lead a line, or the response.
    fn leading(&self) -> BTreeSet<char> {
        let sure = |at: &usize| !self.doubted(*at);
        let leads =
            self.leads().into_iter().filter(sure).flat_map(|at| match self.option_at(at, false) {
                letters if letters.is_empty() => self.label(at).into_iter().collect(),
                letters => letters,
            });
        let starts = CHOICE.find_any("starts", &self.words);
        let starts = starts
            .iter()
            .filter_map(|hit| hit.slot)
            .filter(|slot| *slot == 0 && !self.denied.contains(slot));
        leads.chain(starts.flat_map(|slot| self.option_at(slot, true))).collect()
    }

    /// Letters named as options, or set apart by brackets, stars or quotation marks.
    fn mentioned(&self) -> BTreeSet<char> {
        let hits = CHOICE.find_any("mentions", &self.words);
        let named = hits.iter().filter_map(|hit| hit.slot).filter(|at| !self.denied.contains(at));
        let set_apart = |at: &usize| {
            let word = &self.words.0[*at];
            let pairs = ["()", "[]", "**", "\"\"", "''", "“”", "«»", "「」", "『』", "【】", "__"];
            word.letter.is_some()
                && !self.in_name(*at)
                && pairs.contains(&format!("{}{}", word.before, word.after).as_str())
        };
        let apart = (0..self.words.len()).filter(set_apart);
        let apart = apart.filter(|at| !self.denied.contains(at));
        let named = named.filter(|at| self.expected_letter(*at).is_some());
        named
            .flat_map(|at| self.option_at(at, false))
            .chain(apart.filter_map(|at| self.letter(at)))
            .collect()
    }

    /// Capital letters in a response of a few words, such as `정답은 B` or `A or B`.
    fn brief(&self) -> BTreeSet<char> {
        if self.words.weight() > SHORT || self.doubted(0) {
            return BTreeSet::new();
        }
        (0..self.words.len())
            .filter(|at| !self.denied.contains(at) && !self.is_abbreviation(*at))
            .filter_map(|at| self.letter(at))
            .collect()
    }

    /// Options whose own text a response holds, without those inside a longer one.
    fn named(&self) -> BTreeSet<char> {
        let mut found = BTreeSet::new();
        let mut at = 0;
        while at < self.words.len() {
            let Some(letter) = self.text_at(at) else {
                at += 1;
                continue;
            };
            let size = self
                .texts
                .iter()
                .find(|text| text.letter == letter)
                .map_or(1, |text| text.words.len());
            let before = &self.words.0[at.saturating_sub(3)..at];
            let negated = before.iter().any(|word| NEGATIONS.contains(&word.text.as_str()))
                || self.denied.contains(&at)
                || self.refuted.contains(&(at + size));
            // A number or a syllable is found in any long text.
            let slight = size == 1
                && self.words.0[at].text.chars().count() < 3
                && self.words.weight() > SHORT;
            // A response whose first sentence is the option's text has chosen.
            let whole =
                self.word(at + size).is_none_or(|word| word.sentence != self.words.0[at].sentence);
            let opens =
                self.words.0[..at].iter().all(|word| ARTICLES.contains(&word.text.as_str()));
            if opens && whole {
                return BTreeSet::from([letter]);
            }
            if !negated && !slight {
                found.insert(letter);
            }
            at += size;
        }
        found
    }
}
