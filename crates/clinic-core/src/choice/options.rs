//! The options in a question's text, a line each or all in one.

use unicode_normalization::UnicodeNormalization;

use super::labels::Labels;
use crate::words::plain_circle;

/// One option of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opt {
    /// `A` to `D`.
    pub letter: char,
    /// The letter as the question has it, in whatever script.
    pub mark: char,
    /// Its text, without the letter.
    pub text: String,
}

/// A letter with its mark, somewhere in a text.
#[derive(Debug, Clone, Copy)]
struct Marker {
    letter: char,
    mark: char,
    capital: bool,
    /// `)` or `]`, which hardly ever follow a letter by chance.
    closed: bool,
    begins_line: bool,
    start: usize,
    end: usize,
}

/// The options in a question: a run of marked letters from A on, such as `A) … B) …`, at the
/// beginnings of lines or within one, in the script that gives most of them. Fewer than two are none.
pub fn parse_options(question: &str) -> Vec<Opt> {
    let chars: Vec<char> = question.chars().flat_map(plain_circle).nfkc().collect();
    let mut best = Vec::new();
    for labels in Labels::all() {
        let found = parse(&chars, labels);
        if found.len() > best.len() {
            best = found;
        }
    }
    best
}

fn parse(chars: &[char], labels: Labels) -> Vec<Opt> {
    let markers = markers(chars, labels);
    let run =
        |keep: fn(&Marker) -> bool| longest_run(markers.iter().copied().filter(keep).collect());
    let lines = run(|marker| marker.begins_line);
    let inline = run(|marker| marker.capital && marker.closed);
    let chosen = if lines.len() >= 2 && lines.len() >= inline.len() {
        lines
    } else if inline.len() >= 2 {
        inline
    } else {
        let loose = run(|marker| marker.capital || marker.closed);
        if loose.len() < 3 { return Vec::new() } else { loose }
    };
    let ends = chosen.iter().skip(1).map(|next| next.start).chain([chars.len()]);
    let option = |(marker, end): (&Marker, usize)| {
        let text = tidy(&chars[marker.end..end.max(marker.end)]);
        Opt { letter: marker.letter, mark: marker.mark, text }
    };
    chosen.iter().zip(ends).map(option).filter(|option| !option.text.is_empty()).collect()
}

fn markers(chars: &[char], labels: Labels) -> Vec<Marker> {
    let at = |i: usize| chars.get(i).copied().unwrap_or(' ');
    let mut found = Vec::new();
    let mut fresh = true;
    for (i, c) in chars.iter().enumerate() {
        let open = i == 0 || chars[i - 1].is_whitespace() || "([*•-".contains(chars[i - 1]);
        if let Some(letter) = labels.own(*c).filter(|_| open) {
            let mut end = i + 1;
            while at(end) == '*' {
                end += 1;
            }
            let mark = at(end);
            let next = at(end + 1);
            let closed = matches!(mark, ')' | ']');
            let loose = matches!(mark, '.' | ':' | '-') && (next.is_whitespace() || next == '*');
            if closed || loose || matches!(mark, '、' | '。' | '،' | '।') {
                found.push(Marker {
                    letter,
                    mark: *c,
                    capital: !c.is_lowercase(),
                    closed,
                    begins_line: fresh,
                    start: i,
                    end: end + 1,
                });
            }
        }
        fresh = *c == '\n' || (fresh && !c.is_alphanumeric());
    }
    found
}

/// The longest run A, B, C, D in the order of the text; of equals the one that begins last.
fn longest_run(markers: Vec<Marker>) -> Vec<Marker> {
    let mut best: Vec<Marker> = Vec::new();
    for (first, _) in markers.iter().enumerate().filter(|(_, marker)| marker.letter == 'A') {
        let mut run: Vec<Marker> = Vec::new();
        for marker in &markers[first..] {
            if run.len() < 4 && marker.letter == char::from(b'A' + run.len() as u8) {
                run.push(*marker);
            }
        }
        if run.len() >= best.len() {
            best = run;
        }
    }
    best
}

/// The first line of an option's text, without emphasis and the next option's bracket.
fn tidy(chars: &[char]) -> String {
    let text: String = chars.iter().collect();
    let line = text.trim_start_matches(['*', ' ', '\n', '\t', '\r']).lines().next().unwrap_or("");
    line.trim_end_matches(['(', '[', '*', ',', ';', '•', '-', ' ', '\t']).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(question: &str) -> String {
        parse_options(question).iter().map(|option| option.letter).collect()
    }

    #[test]
    fn options_are_read_in_the_forms_that_people_write() {
        for question in [
            "q?\nA) x\nB) y\nC) z\nD) w",
            "q?\nA. x\nB. y\nC. z\nD. w",
            "q?\n(A) x\n(B) y\n(C) z\n(D) w",
            "q?\nＡ）x\nＢ）y\nＣ）z\nＤ）w",
            "q?\nA、x\nB、y\nC、z\nD、w",
            "q?\n- **A.** x\n- **B.** y\n- **C.** z\n- **D.** w",
            "q?\na) x\nb) y\nc) z\nd) w",
            "q?\nA: x\nB: y\nC: z\nD: w",
            "q? A) x B) y C) z D) w",
            "q? (A) x, (B) y, (C) z, (D) w",
            "q? A. x B. y C. z D. w",
            "سؤال؟\nأ) واحد\nب) اثنان\nج) ثلاثة\nد) أربعة",
            "प्रश्न?\nक) एक\nख) दो\nग) तीन\nघ) चार",
        ] {
            assert_eq!(letters(question), "ABCD", "{question}");
        }
    }

    #[test]
    fn the_texts_stand_alone() {
        let texts = |question: &str| -> Vec<String> {
            parse_options(question).into_iter().map(|option| option.text).collect()
        };
        assert_eq!(
            texts("Vein? A) Pulmonary artery B) Pulmonary vein C) Aorta"),
            ["Pulmonary artery", "Pulmonary vein", "Aorta"]
        );
        assert_eq!(texts("q\nA) 5 mg\nB) 10 mg\nChoose one."), ["5 mg", "10 mg"]);
        assert_eq!(texts("Vitamin A) or not? (A) yes (B) no"), ["yes", "no"]);
    }

    #[test]
    fn prose_holds_no_options() {
        for question in
            ["A patient has a cough.\nBe kind.", "", "Is vitamin A. good?", "Hepatitis B. Why?"]
        {
            assert_eq!(letters(question), "", "{question}");
        }
    }
}
