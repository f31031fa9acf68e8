//! How deep the elements of a page are nested, told before it is parsed: a parser of HTML looks
//! through all open elements at most tags, so that a page of nothing but open ones takes hours.

use std::collections::HashMap;

/// Open elements at most; browsers nest no deeper either.
pub const DEEPEST: usize = 512;

/// Elements that hold nothing, or that end by themselves when the next one of their kind comes.
const ENDING: [&str; 24] = [
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta",
    "option", "p", "param", "rp", "rt", "source", "td", "th", "tr", "track", "wbr",
];

/// Whether more than [`DEEPEST`] elements may be open at once. An end tag closes its own kind alone.
pub fn is_too_deep(html: &str) -> bool {
    let (mut open, mut depth): (HashMap<String, usize>, usize) = (HashMap::new(), 0);
    for piece in html.split('<').skip(1) {
        let (is_end, piece) = match piece.strip_prefix('/') {
            Some(piece) => (true, piece),
            None => (false, piece),
        };
        let end = piece.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'));
        let name = &piece[..end.unwrap_or(piece.len())];
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let name = name.chars().take(40).collect::<String>().to_ascii_lowercase();
        if ENDING.contains(&name.as_str()) {
            continue;
        }
        let count = open.entry(name).or_default();
        if !is_end {
            *count += 1;
            depth += 1;
        } else if *count > 0 {
            *count -= 1;
            depth -= 1;
        }
        if depth > DEEPEST {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_elements_are_counted_and_long_pages_are_not_deep() {
        assert!(is_too_deep(&"<div>".repeat(600)));
        assert!(is_too_deep(&"<div></x><DIV ></p>".repeat(600)));
        assert!(!is_too_deep(&"<div>".repeat(500)));
        assert!(!is_too_deep(&"<ul><li>a<li><b>b</b></ul><p>1 < 2<br>".repeat(10_000)));
    }
}
