//! What stands at one word of a response: a letter, an option's text, or neither.

use std::collections::BTreeSet;

use super::labels::Labels;
use super::near::{AFTER_A, ARTICLES, BETWEEN, JOINED_NAMES, NAME_ENDS, NAMES, NEITHER, WORDLIKE};
use super::{Opt, Reader, Text};
use crate::rules::CHOICE;
use crate::words::{Word, Words};

impl Reader {
    /// Gathers what the readers ask for again and again.
    pub(super) fn new(words: Words, labels: Labels, options: &[Opt]) -> Self {
        let hits = |kind: &str| CHOICE.find_any(kind, &words);
        let refuted: BTreeSet<usize> = hits("refutes").iter().map(|hit| hit.start).collect();
        let before = hits("denies").into_iter().filter_map(|hit| hit.slot);
        let before = before.flat_map(|at| row(&words, labels, at).into_iter().chain([at]));
        let after = refuted.iter().filter_map(|at| at.checked_sub(1));
        let denied = before.chain(after).collect();
        let texts = options.iter().map(Text::new).collect();
        Self { words, labels, texts, denied, refuted }
    }

    pub(super) fn word(&self, at: usize) -> Option<&Word> {
        self.words.0.get(at)
    }

    /// The letter at a word, whatever it may mean there.
    pub(super) fn label(&self, at: usize) -> Option<char> {
        self.labels.read(self.word(at)?)
    }

    fn follower(&self, at: usize) -> &str {
        let next = self.word(at + 1).filter(|_| self.words.0[at].after == ' ');
        next.map_or("", |next| next.text.as_str())
    }

    /// The capital letter at a word, unless it is a word of its own or part of a name.
    pub(super) fn letter(&self, at: usize) -> Option<char> {
        let letter = self.capital(at)?;
        let own = self.words.0[at].letter.filter(|c| WORDLIKE.contains(c));
        let next = self.follower(at);
        // Before a word of another script an A is no article.
        let kin = next.chars().next().is_some_and(|c| match own {
            Some('A') => c.is_ascii_alphanumeric(),
            Some('가'..='힣') => matches!(c, '가'..='힣'),
            _ => matches!(c, 'а'..='я'),
        });
        let wordlike = own.is_some()
            && kin
            && !BETWEEN.contains(&next)
            && !AFTER_A.contains(&next)
            && self.text_at(at + 1) != Some(letter);
        (!wordlike).then_some(letter)
    }

    /// The capital letter at a word, unless it is part of a name.
    pub(super) fn capital(&self, at: usize) -> Option<char> {
        let word = self.word(at)?;
        let letter = self.label(at).filter(|_| !word.letter.is_some_and(char::is_lowercase))?;
        // "A/B" names two, "mg/D" none.
        let paired = at > 0 && self.label(at - 1).is_some();
        let joined = matches!(word.before, '-' | '\'') || (word.before == '/' && !paired);
        (!joined && !self.in_name(at)).then_some(letter)
    }

    /// Whether the letter at a word is part of a name, as in "vitamin A" and "B型肝炎".
    pub(super) fn in_name(&self, at: usize) -> bool {
        let word = &self.words.0[at];
        let before = &self.words.0[at.saturating_sub(4)..at];
        let led = before.last().is_some_and(|word| NAMES.contains(&word.text.as_str()));
        let joined: String = before.iter().map(|word| word.text.as_str()).collect();
        let dense = JOINED_NAMES.iter().any(|name| joined.ends_with(name));
        let open = word.before == ' ' || word.before.is_alphanumeric();
        NAME_ENDS.contains(word.after) || (open && (led || dense))
    }

    /// The letter at a word where one is expected: lower case will do if nothing can be meant by it.
    pub(super) fn expected_letter(&self, at: usize) -> Option<char> {
        let word = self.word(at)?;
        let small = self.label(at).filter(|_| word.letter.is_some_and(char::is_lowercase));
        self.letter(at).or(small.filter(|_| self.follower(at).is_empty() && word.after != '\''))
    }

    /// The option whose text begins at a word, the longest of several.
    pub(super) fn text_at(&self, at: usize) -> Option<char> {
        let rest = self.words.0.get(at..)?;
        let found = self.texts.iter().filter(|text| text.begins(rest));
        let found = found.max_by_key(|text| text.words.len());
        found.map(|text| text.letter)
    }

    /// How many words of article begin at a word, a letter being none.
    fn article(&self, at: usize) -> usize {
        let article =
            |word: &&Word| ARTICLES.contains(&word.text.as_str()) && self.capital(at).is_none();
        usize::from(self.word(at).filter(article).is_some())
    }

    /// The option whose text begins at a word or after its article, and one joined to it by "or".
    pub(super) fn texts_at(&self, at: usize) -> Vec<char> {
        let read = |at: usize| {
            let with = |at: usize| self.text_at(at).map(|letter| (letter, at));
            with(at).or_else(|| with(at + self.article(at)))
        };
        let Some((letter, start)) = read(at) else { return Vec::new() };
        let own = self.texts.iter().find(|text| text.letter == letter);
        let end = start + own.map_or(1, |text| text.words.len());
        if self.refuted.contains(&end) {
            return Vec::new();
        }
        let other = self.past_joint(end).and_then(read).map(|(letter, _)| letter);
        [Some(letter), other].into_iter().flatten().collect()
    }

    /// The option named at a word, by letter or by text, and others joined to it by "or"; `sure`
    /// where what follows shows that no article can be meant.
    pub(super) fn option_at(&self, at: usize, sure: bool) -> Vec<char> {
        let sure = self.capital(at).filter(|_| sure);
        let Some(letter) = sure.or_else(|| self.expected_letter(at)) else {
            return self.texts_at(at);
        };
        let mut letters = vec![letter];
        // "B) insulin" where insulin is option A names both.
        letters.extend(self.text_at(at + 1).filter(|_| !self.has_own_text(at)));
        let other = self.past_joint(at + 1).map(|at| at + self.article(at));
        letters.extend(other.and_then(|at| self.letter(at)));
        let past_text = self.past_own_text(at).and_then(|end| self.past_joint(end));
        letters.extend(past_text.and_then(|at| self.letter(at)));
        letters.extend(self.bracketed_next(at));
        if ",/&+،、".contains(self.words.0[at].after) {
            let next = self.word(at + 1).filter(|next| next.after != '.');
            letters.extend(next.and_then(|_| self.capital(at + 1)));
        }
        letters
    }

    /// The word after an "or" that begins at a word, which may be of several syllables.
    fn past_joint(&self, at: usize) -> Option<usize> {
        let joint = |end: &usize| {
            let words = self.words.0.get(at..*end).unwrap_or_default();
            BETWEEN.contains(&words.iter().map(|w| w.text.as_str()).collect::<String>().as_str())
        };
        (at + 1..at + 4).rev().find(joint)
    }

    /// The letter of "(A), (C)" after the first one, where nothing else follows on the line.
    fn bracketed_next(&self, at: usize) -> Option<char> {
        let (own, next) = (&self.words.0[at], self.word(at + 1)?);
        let ends = self.word(at + 2).is_none_or(|word| word.line != next.line);
        let pair = own.after == ')' && next.before == '(' && next.line == own.line && ends;
        self.capital(at + 1).filter(|_| pair)
    }

    /// Whether the text of its own option follows a letter.
    pub(super) fn has_own_text(&self, at: usize) -> bool {
        self.past_own_text(at).is_some()
    }

    /// The word after the text of its own option, where that follows a letter.
    fn past_own_text(&self, at: usize) -> Option<usize> {
        let letter = self.label(at)?;
        let rest = self.words.0.get(at + 1..)?;
        let own = self.texts.iter().filter(|text| text.letter == letter);
        own.filter(|text| text.begins(rest)).map(|text| at + 1 + text.words.len()).max()
    }

    /// Whether a letter abbreviates a name, as in "C. difficile".
    pub(super) fn is_abbreviation(&self, at: usize) -> bool {
        let word = &self.words.0[at];
        let next = self.word(at + 1).filter(|next| !next.capital && next.line == word.line);
        word.after == '.' && next.is_some() && !self.has_own_text(at)
    }
}

/// The letters after a denied one that are denied with it: "not A, B or C".
fn row(words: &Words, labels: Labels, from: usize) -> Vec<usize> {
    let label = |at: usize| words.0.get(at).is_some_and(|word| labels.read(word).is_some());
    let mut end = from + 1;
    while label(end) && words.0[end - 1].after == ',' {
        end += 1;
    }
    let joins = |word: &Word| {
        BETWEEN.contains(&word.text.as_str()) || NEITHER.contains(&word.text.as_str())
    };
    let joined = words.0.get(end).is_some_and(joins) && label(end + 1) && label(from);
    if joined { (from + 1..end).chain([end + 1]).collect() } else { Vec::new() }
}
