//! Foreign text made harmless for a terminal.

/// The text on one line, without control codes, format characters that turn the direction of
/// writing, or more than `limit` characters.
pub fn plain(text: &str, limit: usize) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut kept = words.chars().filter(|c| !c.is_control() && !turns(*c));
    let mut line: String = kept.by_ref().take(limit).collect();
    if kept.next().is_some() {
        line.push('…');
    }
    line
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
