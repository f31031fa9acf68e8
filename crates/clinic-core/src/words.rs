//! A text as folded words: what phrase lists and the choice parser compare.
//!
//! Folding makes equal what writers and models vary: case, accents, full-width forms, curly
//! apostrophes, contractions, invisible characters. Scripts without spaces give one word a character.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Words of a sentence that is repeated and not merely said again, at least.
const ECHO: usize = 6;

/// One word of a text.
#[derive(Debug, Clone)]
pub(crate) struct Word {
    /// Folded: lower case, no accents, plain apostrophes.
    pub text: String,
    /// In lower case with its accents.
    pub lower: String,
    /// The word as it stood, when it is a single letter.
    pub letter: Option<char>,
    /// Begins with a capital letter.
    pub capital: bool,
    /// The characters beside it, a space at either end of the text.
    pub before: char,
    pub after: char,
    /// Counts sentences from 0; a phrase never crosses into the next.
    pub sentence: usize,
    /// Counts lines from 0.
    pub line: usize,
    /// Stands between quotation marks.
    pub quoted: bool,
    /// First of a line that begins with a number or a bullet.
    pub item: bool,
}

/// A text cut into words.
#[derive(Debug, Clone, Default)]
pub(crate) struct Words(pub Vec<Word>);

impl Words {
    /// Cuts and folds a text.
    pub fn new(text: &str) -> Self {
        // First of all the apostrophes, since NFKC would make a blank of an acute accent.
        let visible = text.chars().filter(|c| !is_invisible(*c)).map(plain_mark);
        let plain = visible.flat_map(plain_circle).nfkc().map(plain_mark);
        let chars: Vec<char> = plain.map(|c| digit(c).unwrap_or(c)).collect();
        let mut words = Cutter { quoted: quoted(&chars), chars, ..Cutter::default() }.cut();
        // Marks around the whole text quote nothing.
        if words.iter().all(|word| word.quoted) {
            words.iter_mut().for_each(|word| word.quoted = false);
        }
        Self(words)
    }

    /// How many words.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// How many words a text in a spaced script would have: ideographs and syllables count half.
    pub fn weight(&self) -> usize {
        let dense = self.0.iter().filter(|w| w.text.chars().all(stands_alone)).count();
        self.len() - dense / 2
    }

    /// The folded texts.
    pub fn texts(&self) -> Vec<&str> {
        self.0.iter().map(|word| word.text.as_str()).collect()
    }

    /// Where a run of other words begins in this one, first place only.
    pub fn position(&self, other: &[&str]) -> Option<usize> {
        let own = self.texts();
        (!other.is_empty() && other.len() <= own.len())
            .then(|| own.windows(other.len()).position(|window| window == other))
            .flatten()
    }

    /// The words without the sentences, of six words or more, that are sentences of another text too.
    pub fn without_echo(&self, of: &Self) -> Self {
        let echoed = |sentence: &[Word]| {
            let texts: Vec<&str> = sentence.iter().map(|word| word.text.as_str()).collect();
            texts.len() >= ECHO
                && of.0.chunk_by(|a, b| a.sentence == b.sentence).any(|other| {
                    other.len() == texts.len()
                        && other.iter().zip(&texts).all(|(a, b)| a.text == *b)
                })
        };
        let kept = self.0.chunk_by(|a, b| a.sentence == b.sentence).filter(|s| !echoed(s));
        Self(kept.flatten().cloned().collect())
    }
}

/// Lower case without accents, short vowels or hooks.
pub(crate) fn fold(word: &str) -> String {
    let lower: String = word.nfkd().collect::<String>().to_lowercase();
    lower.chars().filter(|c| !is_accent(*c) && !is_invisible(*c)).map(plain_letter).nfc().collect()
}

#[derive(Default)]
struct Cutter {
    chars: Vec<char>,
    quoted: Vec<bool>,
    words: Vec<Word>,
    sentence: usize,
    line: usize,
    /// The line has shown nothing but blanks and bullets so far, and whether a bullet was there.
    fresh: bool,
    bullet: bool,
}

impl Cutter {
    fn at(&self, i: usize) -> char {
        self.chars.get(i).copied().unwrap_or(' ')
    }

    fn cut(mut self) -> Vec<Word> {
        self.fresh = true;
        let mut i = 0;
        while i < self.chars.len() {
            let c = self.chars[i];
            if stands_alone(c) {
                self.push(i, i + 1);
                i += 1;
            } else if is_part(c) {
                let start = i;
                while is_part(self.at(i))
                    && !stands_alone(self.at(i))
                    && i < self.chars.len()
                    && (i == start || !changes_script(self.at(i - 1), self.at(i)))
                    || (self.at(i) == '\'' && self.at(i + 1).is_alphabetic())
                {
                    i += 1;
                }
                self.push(start, i);
            } else {
                self.pass(i);
                i += 1;
            }
        }
        self.words
    }

    /// Notes what a character that is part of no word means.
    fn pass(&mut self, i: usize) {
        match self.chars[i] {
            '\n' => {
                self.line += 1;
                let before = self.chars[..i].iter().rev().find(|c| !c.is_whitespace());
                // "Answer:" and its letter on the next line belong together.
                if !matches!(before, Some(':' | ',')) {
                    self.sentence += 1;
                }
                self.fresh = true;
                self.bullet = false;
            }
            '.' if self.at(i + 1).is_alphanumeric()
                && i > 0
                && self.at(i - 1).is_alphanumeric() => {}
            '.' | '!' | '?' | ';' | '。' | '।' | '॥' | '؟' | '۔' | '؛' => {
                self.sentence += 1
            }
            '-' | '*' | '•' | '–' if self.fresh && self.at(i + 1) == ' ' => self.bullet = true,
            _ => {}
        }
    }

    fn push(&mut self, start: usize, end: usize) {
        let own = &self.chars[start..end];
        let raw: String = own.iter().collect();
        let numbered =
            own.iter().all(char::is_ascii_digit) && matches!(self.at(end), '.' | ')' | ':');
        let model = Word {
            text: String::new(),
            lower: raw.to_lowercase(),
            letter: (own.len() == 1).then(|| own[0]),
            capital: own[0].is_uppercase(),
            before: if start == 0 { ' ' } else { self.at(start - 1) },
            after: self.at(end),
            sentence: self.sentence,
            line: self.line,
            quoted: self.quoted[start],
            item: self.fresh && (self.bullet || numbered),
        };
        let mut first = true;
        for text in without_contraction(&fold(&raw)) {
            if !text.is_empty() {
                let item = model.item && first;
                self.words.push(Word { text, item, ..model.clone() });
                first = false;
            }
        }
        self.fresh = false;
    }
}

/// `can't` as `can not`, `i'm` as `i am`, so that a phrase is listed once.
fn without_contraction(word: &str) -> Vec<String> {
    let pair = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
    match word {
        "cannot" | "can't" | "cant" => return pair("can", "not"),
        "won't" | "wont" => return pair("will", "not"),
        "dont" => return pair("do", "not"),
        "doesnt" => return pair("does", "not"),
        "it's" | "that's" | "there's" | "here's" | "he's" | "she's" | "what's" => {
            return pair(word.split('\'').next().unwrap_or(word), "is");
        }
        _ => {}
    }
    let ends = [
        ("n't", "not"),
        ("'m", "am"),
        ("'re", "are"),
        ("'ve", "have"),
        ("'ll", "will"),
        ("'d", "would"),
    ];
    for (end, full) in ends {
        if let Some(head) = word.strip_suffix(end).filter(|head| !head.is_empty()) {
            return pair(head, full);
        }
    }
    vec![word.to_owned()]
}

/// Which characters stand between quotation marks; a mark without its partner quotes nothing.
fn quoted(chars: &[char]) -> Vec<bool> {
    let mut flags = vec![false; chars.len()];
    let mut open: Option<(usize, char)> = None;
    for (i, c) in chars.iter().enumerate() {
        match open {
            Some((start, close)) if *c == close => {
                flags[start..i].fill(true);
                open = None;
            }
            Some((_, '"')) if *c == '\n' => open = None,
            Some(_) => {}
            None => {
                open = match c {
                    '"' => Some((i, '"')),
                    '“' | '„' => Some((i, '”')),
                    '«' => Some((i, '»')),
                    '「' => Some((i, '」')),
                    '『' => Some((i, '』')),
                    _ => None,
                };
            }
        }
    }
    flags
}

/// Whether a Latin letter meets an Indic or Arabic one, as in "Aले": a word and its ending.
fn changes_script(a: char, b: char) -> bool {
    let joining = |c: char| matches!(c, '\u{600}'..='\u{6ff}' | '\u{900}'..='\u{9ff}');
    (a.is_ascii_alphabetic() && joining(b)) || (joining(a) && b.is_ascii_alphabetic())
}

/// A circled letter or number of an option, from first to fourth, as `(A)` to `(D)`.
pub(crate) fn plain_circle(c: char) -> impl Iterator<Item = char> {
    const FIRSTS: [char; 14] =
        ['①', '⑴', '❶', '➀', '➊', 'Ⓐ', 'ⓐ', '⒜', '㉠', '㉮', '㈀', '㈎', '㋐', '🄐'];
    let place = FIRSTS
        .iter()
        .find_map(|first| u32::from(c).checked_sub(u32::from(*first)).filter(|place| *place < 4));
    let letter = place.and_then(|place| char::from_u32(u32::from('A') + place));
    let all = letter.map_or([Some(c), None, None], |own| [Some('('), Some(own), Some(')')]);
    all.into_iter().flatten()
}

/// The ASCII digit of a digit in the scripts of the languages here.
pub(crate) fn digit(c: char) -> Option<char> {
    const ZEROS: [char; 8] = ['0', '٠', '۰', '०', '০', '０', '߀', '၀'];
    let value = ZEROS.iter().find_map(|zero| {
        let offset = u32::from(c).checked_sub(u32::from(*zero))?;
        (offset < 10).then_some(offset)
    })?;
    char::from_digit(value, 10)
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

/// Kana, ideographs and Hangul syllables: no blank need stand between words.
pub(crate) fn stands_alone(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{20000}'..='\u{2fa1f}')
}

/// Accents of Latin, Greek and Cyrillic letters, Arabic vowel signs, the Indic dot below.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{93c}' | '\u{9bc}')
}

/// Zero-width, direction and other format characters.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{61c}')
}

/// Apostrophes of all shapes as one.
fn plain_mark(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2bc}' | '\u{2bb}' | '\u{b4}' | '`'
        | '\u{2032}' => '\'',
        other => other,
    }
}

/// Letters that have no accent to take off: Hausa hooks, Vietnamese đ, Arabic variants.
fn plain_letter(c: char) -> char {
    match c {
        'ɓ' => 'b',
        'ɗ' | 'đ' => 'd',
        'ƙ' => 'k',
        'ƴ' => 'y',
        'ı' => 'i',
        'ى' => 'ي',
        'ی' => 'ي',
        'ک' => 'ك',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        Words::new(text).texts().join(" ")
    }

    #[test]
    fn what_looks_alike_folds_alike() {
        assert_eq!(folded("I\u{2019}m SORRY, but I can\u{b4}t."), "i am sorry but i can not");
        assert_eq!(folded("No lo sé"), folded("NO LO SE\u{301}"));
        assert_eq!(folded("Ｉ ｄｏ\u{200b}n't know"), "i do not know");
        assert_eq!(folded("我不知道"), "我 不 知 道");
        assert_eq!(folded("Ban sani ba, ɗan'uwa"), "ban sani ba dan'uwa");
        assert_eq!(folded("لَا أعرف"), "لا اعرف");
        assert_eq!(folded("नहीं"), "नहीं");
    }

    #[test]
    fn sentences_lines_and_items_are_counted() {
        let words = Words::new("One two. Three 1.5 e.g\n- four\n2. five: six").0;
        let sentence: Vec<usize> = words.iter().map(|w| w.sentence).collect();
        assert_eq!(sentence[0], sentence[1]);
        assert_ne!(sentence[1], sentence[2]);
        let items: Vec<&str> = words.iter().filter(|w| w.item).map(|w| w.text.as_str()).collect();
        assert_eq!(items, ["four", "2"]);
    }

    #[test]
    fn quotation_marks_need_a_partner() {
        let quoted = |text: &str| Words::new(text).0.iter().filter(|w| w.quoted).count();
        assert_eq!(quoted("He said “I do not know” to me"), 4);
        assert_eq!(quoted("He said \"no to me"), 0);
        assert_eq!(quoted("\"I do not know.\""), 0);
    }

    #[test]
    fn an_echoed_sentence_is_left_out() {
        let question = Words::new("I do not know what to do. Can you help?");
        let words = Words::new("I do not know what to do. Take water.").without_echo(&question);
        assert_eq!(words.texts(), ["take", "water"]);
    }
}
