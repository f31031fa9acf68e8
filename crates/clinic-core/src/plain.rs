//! Foreign text made harmless for a terminal.

/// Whether a character could steer a terminal: control codes, line breaks included, and format
/// characters that turn the direction of writing.
pub fn steers(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text on one line, without characters that steer, or more than `limit` characters.
pub fn plain(text: &str, limit: usize) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut kept = words.chars().filter(|c| !steers(*c));
    let mut line: String = kept.by_ref().take(limit).collect();
    if kept.next().is_some() {
        line.push('…');
    }
    line
}

/// Whether a reader sees anything of a text: zero-width characters are nothing.
pub fn is_visible(text: &str) -> bool {
    text.chars().any(|c| !c.is_whitespace() && !steers(c) && !hides(c))
}

/// Whether a character leaves no mark on the page, and so could carry text past a reader.
pub fn hides(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Whether a reader does not see a character that a model does: zero-width ones, those that turn the
/// direction of writing, tag characters and variation selectors, control codes but line feed and tab.
///
/// Joiners count as seen after letters of the scripts that need them for spelling.
pub fn is_unseen(before: char, c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{200c}' | '\u{200d}' => !needs_joiners(before),
        c => steers(c) || hides(c),
    }
}

/// The text without characters that a reader does not see and a model does.
pub fn revealed(text: &str) -> String {
    let mut before = ' ';
    text.chars().filter(|c| !is_unseen(std::mem::replace(&mut before, *c), *c)).collect()
}

/// Arabic and the scripts of India, whose joiners are spelling.
fn needs_joiners(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{6ff}' | '\u{900}'..='\u{dff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_from_a_reader_is_hidden_from_a_judge() {
        assert_eq!(
            revealed("re\u{200b}fu\u{200d}se\u{e0041}\u{fe0f}\u{202e}\u{1b}!\n\t"),
            "refuse!\n\t"
        );
        let nepali = "क्\u{200d}या";
        assert_eq!(revealed(nepali), nepali);
    }

    #[test]
    fn what_a_judge_is_not_shown_is_no_answer() {
        let unseen =
            ['\u{e0041}', '\u{fe01}', '\u{e0141}', '\u{3164}', '\u{61c}', '\u{34f}', '\u{fff9}'];
        for c in unseen {
            let text = String::from_iter([c, c, ' ']);
            assert!(!is_visible(&text), "{c:?}");
            assert_eq!(revealed(&text), " ", "{c:?}");
        }
    }

    #[test]
    fn control_codes_do_not_reach_a_terminal() {
        assert_eq!(plain("\u{1b}[31mred\u{7}\n\u{202e}dne", 80), "[31mred dne");
        assert_eq!(plain("abcdef", 3), "abc…");
    }
}
