//! Options of a multiple-choice question, and which of them a response chooses.
//!
//! Signs are read from the strongest down: a response that is one letter; a choice announced ("the
//! answer is B"); a line led by a letter; letters and options named in passing; an option's own text.
//! Only the strongest kind that is there counts. Two letters of one kind are ambiguous, not wrong.

mod options;
#[cfg(test)]
mod tests;

pub use options::{Opt, parse_options};

use std::collections::BTreeSet;

use crate::rules::CHOICE;
use crate::words::{Word, Words};
use options::label;

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
/// Words between two letters of which both are meant.
const BETWEEN: [&str; 14] =
    ["or", "and", "o", "y", "u", "e", "au", "na", "ou", "et", "и", "или", "या", "أو"];
/// Words after `A` that make it a letter, where any other word makes it an article.
const AFTER_A: [&str; 12] = [
    "because",
    "since",
    "as",
    "which",
    "is",
    "porque",
    "ya",
    "pues",
    "kwa",
    "kwani",
    "kwasababu",
    "due",
];
/// Words that make the letter after them part of a name.
const NAMES: [&str; 22] = [
    "vitamin",
    "vitamins",
    "vitamina",
    "vitamini",
    "hepatitis",
    "homa",
    "type",
    "tipo",
    "aina",
    "group",
    "grupo",
    "kundi",
    "part",
    "parte",
    "stage",
    "class",
    "clase",
    "influenza",
    "gripe",
    "plan",
    "person",
    "persona",
];
/// Words before an option's text that take it back.
const NEGATIONS: [&str; 14] = [
    "but", "si", "not", "no", "nor", "than", "never", "sio", "siyo", "wala", "kuliko", "ni_si",
    "nunca", "tampoco",
];
/// Articles before an option's text.
const ARTICLES: [&str; 14] =
    ["the", "an", "a", "el", "la", "los", "las", "un", "una", "le", "les", "l", "o", "os"];

/// The option that a response chooses; `options` may be empty, then only letters count.
pub fn find_choice(response: &str, options: &[Opt]) -> Choice {
    let words = Words::new(response);
    if let [only] = words.0.as_slice()
        && let Some(letter) = only.letter.and_then(label)
    {
        return Choice::One(letter);
    }
    let reader = Reader { texts: options.iter().map(Text::new).collect(), words };
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
            && own.iter().zip(words).all(|(a, b)| a.text == b.text)
    }
}

struct Reader {
    words: Words,
    texts: Vec<Text>,
}

impl Reader {
    fn word(&self, at: usize) -> Option<&Word> {
        self.words.0.get(at)
    }

    fn label(&self, at: usize) -> Option<char> {
        self.word(at)?.letter.and_then(label)
    }

    fn follower(&self, at: usize) -> &str {
        let next = self.word(at + 1).filter(|_| self.words.0[at].after == ' ');
        next.map_or("", |next| next.text.as_str())
    }

    /// The capital letter at a word, unless it is an article or part of a name.
    fn letter(&self, at: usize) -> Option<char> {
        let letter = self.capital(at)?;
        let next = self.follower(at);
        let article = letter == 'A'
            && !next.is_empty()
            && !BETWEEN.contains(&next)
            && !AFTER_A.contains(&next)
            && self.text_at(at + 1) != Some('A');
        (!article).then_some(letter)
    }

    /// The capital letter at a word, unless it is part of a name.
    fn capital(&self, at: usize) -> Option<char> {
        let word = self.word(at)?;
        let letter =
            word.letter.and_then(label).filter(|_| word.capital || !word.text.is_ascii())?;
        let named =
            at > 0 && word.before == ' ' && NAMES.contains(&self.words.0[at - 1].text.as_str());
        // "A/B" names two, "mg/D" none.
        let paired = at > 0 && self.label(at - 1).is_some();
        let joined = matches!(word.before, '-' | '\'') || (word.before == '/' && !paired);
        (!named && !joined).then_some(letter)
    }

    /// The letter at a word where one is expected: lower case will do if nothing can be meant by it.
    fn expected_letter(&self, at: usize) -> Option<char> {
        let word = self.word(at)?;
        let small = word.letter.filter(char::is_ascii_lowercase).and_then(label);
        self.letter(at).or(small.filter(|_| self.follower(at).is_empty() && word.after != '\''))
    }

    /// The option whose text begins at a word, the longest of several.
    fn text_at(&self, at: usize) -> Option<char> {
        let rest = self.words.0.get(at..)?;
        let found = self.texts.iter().filter(|text| text.begins(rest));
        let found = found.max_by_key(|text| text.words.len());
        found.map(|text| text.letter)
    }

    /// The option whose text begins at a word or after its article, and one joined to it by "or".
    fn texts_at(&self, at: usize) -> Vec<char> {
        let article = |at: usize| {
            usize::from(self.word(at).is_some_and(|w| ARTICLES.contains(&w.text.as_str())))
        };
        let read = |at: usize| {
            let with = |at: usize| self.text_at(at).map(|letter| (letter, at));
            with(at).or_else(|| with(at + article(at)))
        };
        let Some((letter, start)) = read(at) else { return Vec::new() };
        let own = self.texts.iter().find(|text| text.letter == letter);
        let end = start + own.map_or(1, |text| text.words.len());
        let joined = self.word(end).is_some_and(|word| BETWEEN.contains(&word.text.as_str()));
        let other = read(end + 1).filter(|_| joined).map(|(letter, _)| letter);
        [Some(letter), other].into_iter().flatten().collect()
    }

    /// The option named at a word, by letter or by text, and others joined to it by "or"; `sure`
    /// where what follows shows that no article can be meant.
    fn option_at(&self, at: usize, sure: bool) -> Vec<char> {
        let sure = self.capital(at).filter(|_| sure);
        let Some(letter) = sure.or_else(|| self.expected_letter(at)) else {
            return self.texts_at(at);
        };
        let mut letters = vec![letter];
        // "B) insulin" where insulin is option A names both.
        letters.extend(self.text_at(at + 1).filter(|_| !self.has_own_text(at)));
        if self.word(at + 1).is_some_and(|word| BETWEEN.contains(&word.text.as_str())) {
            letters.extend(self.letter(at + 2));
        }
        if ",/&+،、".contains(self.words.0[at].after) {
            let next = self.word(at + 1).filter(|next| next.capital && next.after != '.');
            letters.extend(next.and_then(|next| next.letter).and_then(label));
        }
        letters
    }

    /// Whether the text of its own option follows a letter.
    fn has_own_text(&self, at: usize) -> bool {
        let Some(letter) = self.label(at) else { return false };
        let rest = self.words.0.get(at + 1..).unwrap_or_default();
        self.texts.iter().filter(|text| text.letter == letter).any(|text| text.begins(rest))
    }

    /// Whether a letter abbreviates a name, as in "C. difficile".
    fn is_abbreviation(&self, at: usize) -> bool {
        let word = &self.words.0[at];
        let next = self.word(at + 1).filter(|next| !next.capital && next.line == word.line);
        word.after == '.' && next.is_some() && !self.has_own_text(at)
    }

    /// Words at which a letter or option is said not to be the answer.
    fn denied(&self) -> BTreeSet<usize> {
        CHOICE.find_any("denies", &self.words).iter().filter_map(|hit| hit.slot).collect()
    }

    /// Options announced as the answer.
    fn announced(&self) -> BTreeSet<char> {
        let denied = self.denied();
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
        let meant = slots.into_iter().filter(|(slot, _)| !denied.contains(slot));
        meant.flat_map(|(slot, sure)| self.option_at(slot, sure)).collect()
    }

    /// Words that are letters and lead a line.
    fn leads(&self) -> Vec<usize> {
        let denied = self.denied();
        let first_of_line =
            |at: usize| at == 0 || self.words.0[at - 1].line != self.words.0[at].line;
        let marked = |at: usize| {
            let word = &self.words.0[at];
            let own_text = self.has_own_text(at);
            let alone = self.word(at + 1).is_none_or(|next| next.line != word.line);
            let colon_a = word.letter == Some('A') && word.after == ':' && !own_text && !alone;
            let marks = match word.letter {
                Some('a'..='d') => word.after == ')' || (word.after == '.' && own_text),
                Some(_) => ")].:*,،、。।-–\"".contains(word.after) || own_text || alone,
                None => false,
            };
            marks && !colon_a && !self.is_abbreviation(at)
        };
        let counts = |at: &usize| first_of_line(*at) && !denied.contains(at) && marked(*at);
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

    /// Letters that lead a line, or the response.
    fn leading(&self) -> BTreeSet<char> {
        let denied = self.denied();
        let leads = self.leads().into_iter().flat_map(|at| match self.option_at(at, false) {
            letters if letters.is_empty() => self.label(at).into_iter().collect(),
            letters => letters,
        });
        let starts = CHOICE.find_any("starts", &self.words);
        let starts = starts
            .iter()
            .filter_map(|hit| hit.slot)
            .filter(|slot| *slot == 0 && !denied.contains(slot));
        leads.chain(starts.flat_map(|slot| self.option_at(slot, true))).collect()
    }

    /// Letters named as options, or set apart by brackets, stars or quotation marks.
    fn mentioned(&self) -> BTreeSet<char> {
        let denied = self.denied();
        let hits = CHOICE.find_any("mentions", &self.words);
        let named = hits.iter().filter_map(|hit| hit.slot).filter(|at| !denied.contains(at));
        let set_apart = |at: &usize| {
            let word = &self.words.0[*at];
            let pairs = ["()", "[]", "**", "\"\"", "''", "“”", "«»", "__"];
            let named = *at > 0 && NAMES.contains(&self.words.0[*at - 1].text.as_str());
            word.letter.is_some()
                && !named
                && pairs.contains(&format!("{}{}", word.before, word.after).as_str())
        };
        let apart = (0..self.words.len()).filter(set_apart);
        let apart = apart.filter(|at| !denied.contains(at));
        let named = named.filter_map(|at| self.expected_letter(at));
        named.chain(apart.filter_map(|at| self.letter(at))).collect()
    }

    /// Capital letters in a response of a few words, such as `정답은 B` or `A or B`.
    fn brief(&self) -> BTreeSet<char> {
        if self.words.weight() > SHORT {
            return BTreeSet::new();
        }
        let denied = self.denied();
        (0..self.words.len())
            .filter(|at| !denied.contains(at) && !self.is_abbreviation(*at))
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
            let negated = before.iter().any(|word| NEGATIONS.contains(&word.text.as_str()));
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
