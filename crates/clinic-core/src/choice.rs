//! Options of a multiple-choice question, and which of them a response chooses.
//!
//! Reads letters A to D in the forms that models give (`B`, `(B)`, `**B**`, `Answer: B`), full-width
//! letters, and an option's own text in place of its letter. Two letters are ambiguous, not wrong.

use unicode_normalization::UnicodeNormalization;

/// One option of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opt {
    /// `A` to `D`.
    pub letter: char,
    /// Its text, without the letter.
    pub text: String,
}

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

/// The options in a question: lines that begin with a letter from A to D and a mark.
pub fn parse_options(question: &str) -> Vec<Opt> {
    let mut options: Vec<Opt> = Vec::new();
    for line in question.nfkc().collect::<String>().lines() {
        if let Some((letter, text)) = lead(line.trim())
            && !text.is_empty()
            && !options.iter().any(|option| option.letter == letter)
        {
            options.push(Opt { letter, text: text.to_owned() });
        }
    }
    options
}

/// Splits `(B) text`, `B. text`, `**B)** text` and the like.
fn lead(line: &str) -> Option<(char, &str)> {
    let bare = line.trim_start_matches(['(', '[', '*', ' ', '-', '•']);
    let mut chars = bare.chars();
    let letter = chars.next().filter(|c| ('A'..='D').contains(&c.to_ascii_uppercase()))?;
    let rest = chars.as_str();
    let marked = rest.trim_start_matches('*');
    let mark = marked.chars().next()?;
    let after = &marked[mark.len_utf8()..];
    let marks = [')', ']', '.', ':', '、', '。', ',', '،'];
    let spaced = after.is_empty() || after.starts_with([' ', '*', '\t']) || !mark.is_ascii();
    if !marks.contains(&mark) || !(spaced || matches!(mark, ')' | ']')) {
        return None;
    }
    Some((letter.to_ascii_uppercase(), after.trim_matches([' ', '*', '\t'])))
}

/// Words that announce a choice, folded; the letter may follow a few words later.
const CUES: [&str; 20] = [
    "answer",
    "option",
    "choice",
    "choose",
    "respuesta",
    "opcion",
    "correcta",
    "elijo",
    "alternativa",
    "jibu",
    "chaguo",
    "nachagua",
    "reponse",
    "resposta",
    "ответ",
    "答案",
    "正确",
    "उत्तर",
    "الإجابة",
    "đáp án",
];

/// Characters between a cue and its letter, at most.
const REACH: usize = 40;

/// The option that a response chooses; `options` may be empty, then only letters count.
pub fn find_choice(response: &str, options: &[Opt]) -> Choice {
    let text: String = response.nfkc().filter(|c| !is_invisible(*c)).collect();
    let text = text.trim();
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
    if let Some(letter) = single(bare) {
        return Choice::One(letter);
    }
    let announced = announced(text);
    if !announced.is_empty() {
        return if denies(text) { Choice::None } else { decide(announced) };
    }
    let led: Vec<(char, &str)> = text.lines().filter_map(|line| lead(line.trim())).collect();
    if !led.is_empty() {
        let mut letters: Vec<char> = led.iter().map(|(letter, _)| *letter).collect();
        // "B) paracetamol" where paracetamol is option A names both.
        for (letter, said) in &led {
            let said = fold(said);
            let other = options.iter().find(|o| o.letter != *letter && fold(&o.text) == said);
            let own = options.iter().any(|o| o.letter == *letter && fold(&o.text) == said);
            letters.extend(other.filter(|_| !own).map(|o| o.letter));
        }
        return decide(letters);
    }
    let mut letters = lone_letters(text);
    letters.extend(short_answer(text));
    if !letters.is_empty() {
        return decide(letters);
    }
    if denies(text) { Choice::None } else { decide(named(text, options)) }
}

/// How many of the options a text names by their own words.
pub fn mentions(text: &str, options: &[Opt]) -> usize {
    named(text, options).len()
}

/// Words that may turn a choice into its opposite or make it depend on something.
const DENIALS: [&str; 32] = [
    "not",
    "no",
    "isn't",
    "aren't",
    "never",
    "neither",
    "nor",
    "except",
    "but",
    "wrong",
    "incorrect",
    "false",
    "depends",
    "unless",
    "n't",
    "tampoco",
    "excepto",
    "salvo",
    "incorrecta",
    "incorrecto",
    "falsa",
    "falso",
    "depende",
    "pero",
    "sino",
    "si",
    "sio",
    "siyo",
    "isipokuwa",
    "lakini",
    "inategemea",
    "out",
];

/// Whether the first sentence, where a choice is made, holds such a word.
fn denies(text: &str) -> bool {
    let folded = fold_keeping_lines(text).replace('\u{2019}', "'");
    let end = folded.find(['\n', '.', ';', '。', '।']).map_or(folded.len(), |end| end.max(1));
    // "B. The others are not": the letter stands before the stop.
    let sentence = if end < SENTENCE { folded.as_str() } else { &folded[..end] };
    sentence
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .any(|word| DENIALS.contains(&word) || word.ends_with("n't"))
}

/// A first sentence of fewer bytes is only a lead, such as `Well.`
const SENTENCE: usize = 6;

fn decide(mut letters: Vec<char>) -> Choice {
    letters.sort_unstable();
    letters.dedup();
    match letters.as_slice() {
        [] => Choice::None,
        [letter] => Choice::One(*letter),
        _ => Choice::Ambiguous(letters),
    }
}

fn single(text: &str) -> Option<char> {
    let mut chars = text.chars();
    let letter = chars.next()?.to_ascii_uppercase();
    (chars.next().is_none() && ('A'..='D').contains(&letter)).then_some(letter)
}

/// Letters that follow a cue closely, as a word of their own.
fn announced(text: &str) -> Vec<char> {
    let folded: Vec<char> = fold_keeping_lines(text).chars().collect();
    let lower: String = folded.iter().collect();
    let mut found = Vec::new();
    for cue in CUES {
        for (at, _) in lower.match_indices(cue) {
            let begin = lower[..at + cue.len()].chars().count();
            let end = (begin + REACH).min(folded.len());
            for i in begin..end {
                let c = folded[i];
                if c == '\n' && i > begin + 2 {
                    break;
                }
                let before = folded[i - 1];
                let after = folded.get(i + 1).copied().unwrap_or(' ');
                // "hepatitis C", "C-peptide": a name, not a choice.
                let said: String = folded[..i].iter().collect();
                let named = said.split_whitespace().next_back().is_some_and(|w| NAMES.contains(&w));
                if named || after == '-' {
                    continue;
                }
                if !('a'..='d').contains(&c) || before.is_alphanumeric() || after.is_alphanumeric()
                {
                    continue;
                }
                // "the answer is a drug": an article, not a letter.
                let word_follows =
                    after == ' ' && folded.get(i + 2).is_some_and(|next| next.is_alphabetic());
                if c == 'a' && word_follows {
                    continue;
                }
                // "option's", "d'accord"
                if matches!(after, '\'') || matches!(before, '\'') {
                    continue;
                }
                found.push(c.to_ascii_uppercase());
                break;
            }
        }
    }
    found
}

/// Upper-case letters that stand alone; an `A` before a word is an article.
fn lone_letters(text: &str) -> Vec<char> {
    let chars: Vec<char> = text.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or(' ');
    let mut found = Vec::new();
    for (i, c) in chars.iter().enumerate() {
        if !('A'..='D').contains(c) {
            continue;
        }
        let before = if i == 0 { ' ' } else { chars[i - 1] };
        let after = at(i + 1);
        if joins(before) || joins(after) {
            continue;
        }
        let marked = "([*\"'“«".contains(before) && ")]*\"'”».:".contains(after);
        // "A patient", "vitamin D", "hepatitis B": a bare letter beside words is no choice.
        let alone = (before != ' ' || i == 0) && !(after == ' ' && at(i + 2).is_alphabetic());
        if marked || alone {
            found.push(*c);
        }
    }
    found
}

/// Words of a response that may hold nothing but a choice, at most.
const SHORT: usize = 4;

/// Words between two letters, and words that make a letter part of a name.
const BETWEEN: [&str; 8] = ["or", "and", "o", "y", "u", "au", "na", "&"];
const NAMES: [&str; 9] =
    ["vitamin", "vitamina", "vitamini", "hepatitis", "type", "tipo", "group", "grupo", "aina"];

/// Letters in a response of a few words, such as `정답은 B` or `A or B`.
fn short_answer(text: &str) -> Vec<char> {
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '&').to_owned())
        .collect();
    if words.len() > SHORT {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (i, word) in words.iter().enumerate() {
        let upper = word.chars().next().is_some_and(|c| c.is_ascii_uppercase());
        let Some(letter) = single(word).filter(|_| upper) else { continue };
        let named = i > 0 && NAMES.contains(&fold(&words[i - 1]).as_str());
        let article = letter == 'A'
            && words.get(i + 1).is_some_and(|next| !BETWEEN.contains(&fold(next).as_str()));
        if !named && !article {
            found.push(letter);
        }
    }
    found
}

/// Whether a character makes a letter part of a word; ideographs do not.
fn joins(c: char) -> bool {
    (c.is_alphanumeric() && !matches!(c, '\u{3040}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}'))
        || matches!(c, '-' | '_' | '\u{2019}')
}

/// Options whose own text a response holds, without those inside a longer one.
fn named(text: &str, options: &[Opt]) -> Vec<char> {
    let text = fold(text);
    let holds = |option: &&Opt| {
        let wanted = fold(&option.text);
        wanted.chars().count() > 2
            && text.match_indices(&wanted).any(|(at, _)| {
                let before = text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
                let after = text[at + wanted.len()..].chars().next();
                !before && !after.is_some_and(char::is_alphanumeric)
            })
    };
    let found: Vec<&Opt> = options.iter().filter(holds).collect();
    let inside = |option: &&&Opt| {
        let own = fold(&option.text);
        found.iter().any(|other| other.letter != option.letter && fold(&other.text).contains(&own))
    };
    found.iter().filter(|option| !inside(option)).map(|option| option.letter).collect()
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Lower case without accents, on one line.
fn fold(text: &str) -> String {
    fold_keeping_lines(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn fold_keeping_lines(text: &str) -> String {
    let marks = |c: &char| !matches!(c, '\u{300}'..='\u{36f}') && !is_invisible(*c);
    text.nfkd().filter(marks).collect::<String>().to_lowercase().nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUESTION: &str =
        "Which drug is first?\nA) Insulin\nB) Metformin\nC) Aspirin\nD) None of the above";

    fn choice(response: &str) -> Choice {
        find_choice(response, &parse_options(QUESTION))
    }

    #[test]
    fn options_are_read_in_the_forms_that_people_write() {
        let letters = |q: &str| parse_options(q).iter().map(|o| o.letter).collect::<String>();
        for question in [
            QUESTION,
            "q\nA. x\nB. y\nC. z\nD. w",
            "q\n(A) x\n(B) y\n(C) z\n(D) w",
            "q\nＡ）x\nＢ）y\nＣ）z\nＤ）w",
            "q\nA、x\nB、y\nC、z\nD、w",
        ] {
            assert_eq!(letters(question), "ABCD", "{question}");
        }
        assert_eq!(parse_options(QUESTION)[1].text, "Metformin");
        assert_eq!(parse_options("A patient has a cough.\nBe kind."), []);
    }

    #[test]
    fn one_letter_is_found_in_every_form() {
        for response in [
            "B",
            "b",
            "(B)",
            "**B**",
            "B.",
            "B)",
            "Ｂ",
            "B) Metformin",
            "b) metformin",
            "B. Metformin",
            "Answer: B",
            "The answer is B.",
            "The correct answer is (B) Metformin",
            "answer: b",
            "La respuesta correcta es B",
            "Respuesta: B) Metformin",
            "Jibu: B",
            "Jibu sahihi ni B.",
            "Chaguo B",
            "Option B",
            "I would choose metformin.",
            "Metformin",
            "B\n\nBecause it is safe.",
            "答案是B。",
            "정답은 B",
            "The right answer is option B because A patient needs it.",
            "\u{200b}B",
        ] {
            assert_eq!(choice(response), Choice::One('B'), "{response}");
        }
    }

    #[test]
    fn two_letters_are_ambiguous_and_not_wrong() {
        for response in [
            "A or B",
            "A) Insulin\nB) Metformin\nC) Aspirin\nD) None of the above",
            "Insulin or metformin",
            "B) Insulin",
            "Answer: A. Answer: B.",
        ] {
            assert!(
                matches!(choice(response), Choice::Ambiguous(_)),
                "{response}: {:?}",
                choice(response)
            );
        }
    }

    #[test]
    fn articles_and_names_are_no_letters() {
        for response in [
            "A patient should see a doctor.",
            "I do not know.",
            "Vitamin D helps.",
            "",
            "a",
            "Hepatitis B is a virus.",
            "The answer is a drug.",
            "It depends.",
        ] {
            let expected = if response == "a" { Choice::One('A') } else { Choice::None };
            assert_eq!(choice(response), expected, "{response}");
        }
    }
}
