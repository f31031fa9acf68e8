//! The letters that label options, in the scripts of the languages here.
//!
//! Cyrillic А, В and С are Latin letters by their look, unless the question or the response itself
//! counts А Б В Г; a Latin B in answer to a question that counts so could be either and is no letter.

use crate::words::Word;

/// Rows of letters, each in the order first to fourth.
const ROWS: [[char; 4]; 11] = [
    ['A', 'B', 'C', 'D'],
    ['А', 'Б', 'В', 'Г'],
    ['أ', 'ب', 'ج', 'د'],
    ['أ', 'ب', 'ت', 'ث'],
    ['क', 'ख', 'ग', 'घ'],
    ['अ', 'ब', 'स', 'द'],
    ['ক', 'খ', 'গ', 'ঘ'],
    ['\u{1100}', '\u{1102}', '\u{1103}', '\u{1105}'],
    ['가', '나', '다', '라'],
    ['ア', 'イ', 'ウ', 'エ'],
    ['甲', '乙', '丙', '丁'],
];
const LATIN: usize = 0;
const CYRILLIC: usize = 1;
/// Rows from here on are syllables and ideographs, which words without blanks are made of.
const DENSE: usize = 8;
/// What may follow such a letter without a blank: "나입니다", "イです".
const SUFFIXES: &str = "입번でまか和都";
/// The same where the question's own options are labelled so.
const OWN_SUFFIXES: &str = "입번예또でがはをとまかもや是为或和与及";

/// Which letters count, by those of the question and of the response.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Labels {
    /// The question's row.
    row: usize,
    /// Cyrillic letters are counted in their own order.
    cyrillic: bool,
}

impl Labels {
    /// The rows in which a question may label its options.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..ROWS.len()).map(|row| Self { row, cyrillic: row == CYRILLIC })
    }

    /// What counts in a response to a question with these marks.
    pub fn new(marks: &[char], words: &[Word]) -> Self {
        let fits = |labels: &Self| marks.iter().all(|mark| labels.own(*mark).is_some());
        let own = Self::all().find(fits).unwrap_or_default();
        let counted = |word: &Word| word.letter.is_some_and(|c| "БбГ".contains(c));
        Self { cyrillic: own.cyrillic || words.iter().any(counted), ..own }
    }

    /// A letter of the question's row as one from A to D.
    pub fn own(self, c: char) -> Option<char> {
        let c = capital(c);
        let c = if self.row == LATIN { latin(c) } else { c };
        place(&ROWS[self.row], c)
    }

    /// A letter of a response as one from A to D.
    pub fn read(self, word: &Word) -> Option<char> {
        let raw = word.letter?;
        let c = capital(raw);
        match c {
            'B' if self.row == CYRILLIC => None,
            'A'..='D' => Some(c),
            'А'..='Г' if self.cyrillic => place(&ROWS[CYRILLIC], c),
            'В' => (raw == c).then_some('B'),
            'А' | 'С' => Some(latin(c)),
            _ => {
                let rows = [self.row].into_iter().chain(CYRILLIC + 1..ROWS.len());
                let stands = |row: usize| row < DENSE || stands(word, row == self.row);
                rows.filter(|row| stands(*row)).find_map(|row| place(&ROWS[row], c))
            }
        }
    }
}

fn place(row: &[char; 4], c: char) -> Option<char> {
    let at = row.iter().position(|own| *own == c)?;
    u8::try_from(at).ok().map(|at| char::from(b'A' + at))
}

/// The capital of a letter; the bare alif as the one with hamza.
fn capital(c: char) -> char {
    match c {
        'a'..='d' => c.to_ascii_uppercase(),
        'а'..='г' | 'с' => c.to_uppercase().next().unwrap_or(c),
        'ا' | 'إ' | 'آ' => 'أ',
        _ => c,
    }
}

/// The Latin letter that a Cyrillic one looks like.
fn latin(c: char) -> char {
    match c {
        'А' => 'A',
        'В' => 'B',
        'С' => 'C',
        _ => c,
    }
}

/// Whether a syllable or ideograph is a word by itself.
fn stands(word: &Word, own: bool) -> bool {
    let kin = |c: char| match word.letter {
        Some('가'..='힣') => c.is_alphanumeric(),
        Some('ア'..='エ') => matches!(c, '\u{30a0}'..='\u{30ff}'),
        _ => false,
    };
    let suffixes = if own { OWN_SUFFIXES } else { SUFFIXES };
    !kin(word.before) && (!word.after.is_alphanumeric() || suffixes.contains(word.after))
}

/// A letter as one of the two persons A and B.
pub(crate) fn of_pair(word: &Word) -> Option<char> {
    let letter = Labels::default().read(word).or_else(|| match word.letter? {
        'Б' => Some('B'),
        _ => None,
    });
    letter.filter(|letter| matches!(letter, 'A' | 'B'))
}
