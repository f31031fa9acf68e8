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
    let unseen = |c: char| matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}');
    text.chars().any(|c| !c.is_whitespace() && !steers(c) && !unseen(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_codes_do_not_reach_a_terminal() {
        assert_eq!(plain("\u{1b}[31mred\u{7}\n\u{202e}dne", 80), "[31mred dne");
        assert_eq!(plain("abcdef", 3), "abc…");
    }
}
