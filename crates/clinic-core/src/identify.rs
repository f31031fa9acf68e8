//! Which language a text is in, among the 15 and their neighbours.
//!
//! The script decides where it can. Otherwise a naive Bayes classifier over the letter n-grams of
//! words (1 to 4 letters; W. Cavnar and J. Trenkle, "N-gram-based text categorization", 1994, with
//! likelihoods in the place of ranks). Its table is counted from the translations of the Universal
//! Declaration of Human Rights by `make ngrams`; none of this project's texts are in it, so that
//! they can measure it (docs/languages.md).

use std::collections::HashMap;
use std::sync::OnceLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_script::{Script, UnicodeScript};

use crate::language::Languages;

const TABLE: &str = include_str!("../../../data/ngrams.tsv");

/// The longest n-gram.
pub const LONGEST: usize = 4;

/// Letters of a text that are looked at; more say no more.
const LONGEST_TEXT: usize = 20_000;

/// Letters that a text needs for its language to be told.
const FEWEST: usize = 12;

/// By how many nats a letter n-gram a language must be likelier than the claimed one. The n-grams
/// of a text overlap, so that likelihoods are far too sure of themselves; this was chosen on the
/// misspelt and mixed texts of the starter set's adversarial items (docs/languages.md).
const LEAD: f64 = 0.12;
/// The same for a language that is none of the 15, which is less to be expected.
const LEAD_OF_OTHERS: f64 = 0.3;

/// What a text seems to be written in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guess {
    /// Tag of the language, which need not be one of the 15.
    pub tag: &'static str,
    /// By how many nats an n-gram it is likelier than the next; infinite where the script decides.
    pub lead: f64,
}

/// Whether a text is in the language that it should be in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Match {
    /// It is, as far as can be told.
    Same,
    /// It is in another one, by this tag; `None`: in a script that the language is not written in,
    /// and that tells no other of the table.
    Other(Option<&'static str>),
    /// It is too short to tell, or in a language that the table does not have.
    Unknown,
}

/// Tags of the languages that the table knows.
pub fn known() -> impl Iterator<Item = &'static str> {
    table().languages.iter().map(|language| language.tag).chain(["zh", "ja", "ko"])
}

/// The likeliest language; `None` where the text is too short, or in no script of the table.
pub fn identify(text: &str) -> Option<Guess> {
    let letters = Letters::of(text);
    if letters.count() < FEWEST {
        return None;
    }
    if let Some(tag) = letters.by_script() {
        return Some(Guess { tag, lead: f64::INFINITY });
    }
    let scores = table().scores(text, letters.script()?);
    let first = scores.first()?;
    let lead = scores.get(1).map_or(f64::INFINITY, |next| first.1 - next.1);
    Some(Guess { tag: first.0, lead })
}

/// Compares a text with the language that it should be in. Another language is named only where it
/// is clearly likelier.
pub fn compare(text: &str, tag: &str) -> Match {
    let letters = Letters::of(text);
    if letters.count() < FEWEST || !known().any(|known| known == tag) {
        return Match::Unknown;
    }
    let Some(script) = letters.script() else { return Match::Unknown };
    if let Some(found) = letters.by_script() {
        return if found == tag { Match::Same } else { Match::Other(Some(found)) };
    }
    let scores = table().scores(text, script);
    let Some(own) = scores.iter().find(|(known, _)| *known == tag) else {
        return Match::Other(scores.first().map(|(tag, _)| *tag));
    };
    match scores.first() {
        Some((other, score)) if *other != tag => {
            let expected = Languages::current().tag(other).is_some();
            let lead = if expected { LEAD } else { LEAD_OF_OTHERS };
            let nearest = scores.iter().find(|(tag, _)| Languages::current().tag(tag).is_some());
            match nearest {
                _ if score - own.1 > lead => Match::Other(Some(other)),
                Some((near, score)) if *near != tag && score - own.1 > LEAD => {
                    Match::Other(Some(near))
                }
                _ => Match::Same,
            }
        }
        _ => Match::Same,
    }
}

/// Letters of a text by script.
struct Letters(HashMap<Script, usize>);

impl Letters {
    fn of(text: &str) -> Self {
        let mut counts = HashMap::new();
        for letter in text.chars().filter(|c| c.is_alphabetic()) {
            let script = match letter.script() {
                Script::Hiragana | Script::Katakana => Script::Hiragana,
                script => script,
            };
            *counts.entry(script).or_default() += 1;
        }
        counts.remove(&Script::Common);
        counts.remove(&Script::Inherited);
        Self(counts)
    }

    /// Letters, a Han character or kana as several, as it stands for more.
    fn count(&self) -> usize {
        let dense = [Script::Han, Script::Hiragana, Script::Hangul];
        self.0.iter().map(|(s, n)| if dense.contains(s) { n * 3 } else { *n }).sum()
    }

    fn script(&self) -> Option<Script> {
        self.0
            .iter()
            .max_by_key(|(script, n)| (**n, std::cmp::Reverse(**script as u8)))
            .map(|(s, _)| *s)
    }

    /// The language, where its script says it all.
    fn by_script(&self) -> Option<&'static str> {
        let of = |script| self.0.get(&script).copied().unwrap_or(0);
        let (han, kana, hangul) = (of(Script::Han), of(Script::Hiragana), of(Script::Hangul));
        let most = self.0.iter().map(|(script, n)| match script {
            Script::Han | Script::Hiragana | Script::Hangul => 0,
            _ => *n,
        });
        // A Latin word for a drug has as many letters as a clause has characters.
        let other = most.max().unwrap_or(0) / 3;
        if han.max(kana).max(hangul) <= other {
            None
        } else if hangul > han + kana {
            Some("ko")
        } else if kana * 10 > han {
            Some("ja")
        } else {
            Some("zh")
        }
    }
}

struct Table {
    languages: Vec<Known>,
    /// By n-gram: languages that have it, and by how much it is likelier than one that they lack.
    grams: HashMap<&'static str, Vec<(usize, f64)>>,
}

struct Known {
    tag: &'static str,
    script: Script,
    /// Log probability of an n-gram that the table does not have.
    rare: f64,
}

fn table() -> &'static Table {
    static TABLE_READ: OnceLock<Table> = OnceLock::new();
    TABLE_READ.get_or_init(|| Table::parse(TABLE))
}

impl Table {
    /// A line a language: tag, script, then n-grams and their counts, all separated by tabs.
    fn parse(text: &'static str) -> Self {
        let (mut languages, mut grams) = (Vec::new(), HashMap::new());
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut cells = line.split('\t');
            let tag = cells.next().unwrap_or_default();
            let script = cells.next().and_then(Script::from_short_name).unwrap_or(Script::Unknown);
            let pairs: Vec<(&str, f64)> = std::iter::from_fn(|| {
                let (gram, count) = (cells.next()?, cells.next()?);
                Some((gram, count.parse().unwrap_or(0.0)))
            })
            .collect();
            // Half a count for what was never seen.
            let total =
                pairs.iter().map(|(_, count)| count + 0.5).sum::<f64>() + 0.5 * pairs.len() as f64;
            let rare = (0.5 / total).ln();
            for (gram, count) in &pairs {
                let more = ((count + 0.5) / total).ln() - rare;
                let having: &mut Vec<(usize, f64)> = grams.entry(*gram).or_default();
                having.push((languages.len(), more));
            }
            languages.push(Known { tag, script, rare });
        }
        Self { languages, grams }
    }

    /// Languages of a script and the mean log likelihood of the text's n-grams, likeliest first.
    fn scores(&self, text: &str, script: Script) -> Vec<(&'static str, f64)> {
        let mut more = vec![0.0; self.languages.len()];
        let mut count = 0.0;
        for word in words(text) {
            each_gram(&word, |gram| {
                count += 1.0;
                for (language, by) in self.grams.get(gram).into_iter().flatten() {
                    more[*language] += by;
                }
            });
        }
        let mut scores: Vec<(&'static str, f64)> = self
            .languages
            .iter()
            .zip(&more)
            .filter(|(known, _)| known.script == script && count > 0.0)
            .map(|(known, more)| (known.tag, known.rare + more / count))
            .collect();
        scores.sort_by(|a, b| b.1.total_cmp(&a.1));
        scores
    }
}

/// The words of a text in lower case, with a `_` at both ends: letters and their marks alone.
pub fn words(text: &str) -> Vec<String> {
    let plain: String = text
        .chars()
        .take(LONGEST_TEXT)
        .nfc()
        .flat_map(char::to_lowercase)
        .map(|c| if c.is_alphabetic() || is_combining_mark(c) { c } else { ' ' })
        .collect();
    plain.split_whitespace().map(|word| format!("_{word}_")).collect()
}

/// Each n-gram of a word, of 1 to [`LONGEST`] letters.
pub fn each_gram(word: &str, mut with: impl FnMut(&str)) {
    let ends: Vec<usize> = word.char_indices().map(|(i, _)| i).chain([word.len()]).collect();
    for length in 1..=LONGEST {
        for window in ends.windows(length + 1) {
            with(&word[window[0]..window[length]]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_that_say_it_all() {
        let tag = |text| identify(text).map(|guess| guess.tag);
        assert_eq!(tag("这种药应该饭前还是饭后服用？"), Some("zh"));
        assert_eq!(tag("この薬は食前に飲みますか、食後に飲みますか。"), Some("ja"));
        assert_eq!(tag("이 약은 식전에 먹나요, 식후에 먹나요?"), Some("ko"));
        assert_eq!(tag("Warfarin、アスピリンは一緒に飲めますか"), Some("ja"));
        assert_eq!(tag("555-0142"), None);
        assert_eq!(tag("A) B"), None);
    }

    #[test]
    fn neighbours_are_told_apart() {
        for (text, tag) in [
            ("Posso tomar este remédio junto com o outro que a médica me receitou?", "pt"),
            ("¿Puedo tomar este remedio junto con el otro que me recetó la doctora?", "es"),
            ("Чи можна приймати ці ліки разом з іншими, які призначила лікарка?", "uk"),
            ("Можно ли принимать это лекарство вместе с другим, которое назначила врач?", "ru"),
            ("آیا می‌توانم این دارو را همراه با داروی دیگری که دکتر داده است بخورم؟", "fa"),
            ("هل يمكنني تناول هذا الدواء مع الدواء الآخر الذي وصفته لي الطبيبة؟", "ar"),
            ("हे औषध डॉक्टरांनी दिलेल्या दुसऱ्या औषधाबरोबर घेता येईल का?", "mr"),
        ] {
            assert_eq!(identify(text).map(|guess| guess.tag), Some(tag), "{text}");
        }
    }

    #[test]
    fn a_text_in_another_language_is_named() {
        let english = "Can I take this medicine together with the other one?";
        assert_eq!(compare(english, "en"), Match::Same);
        assert_eq!(compare(english, "sw"), Match::Other(Some("en")));
        assert_eq!(compare(english, "hi"), Match::Other(Some("en")));
        let portuguese = "Posso tomar este remédio junto com o outro que a médica me receitou?";
        assert_eq!(compare(portuguese, "es"), Match::Other(Some("pt")));
        let ukrainian = "Чи можна приймати ці ліки разом з іншими, які призначила лікарка?";
        assert_eq!(compare(ukrainian, "ru"), Match::Other(Some("uk")));
        assert_eq!(compare("Ibuprofen", "sw"), Match::Unknown);
        assert_eq!(compare(english, "tlh"), Match::Unknown);
    }
}
