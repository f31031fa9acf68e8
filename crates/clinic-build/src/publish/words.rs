//! Foreign text made harmless for Markdown, and the small words of the card.

use clinic_core::plain;

/// Characters of a foreign text at most.
const LONGEST: usize = 300;

/// A text on one line that Markdown takes as text: no markup, no HTML, no end of a table's cell.
pub fn escaped(text: &str) -> String {
    escaped_to(text, LONGEST)
}

/// The same of at most so many characters.
pub fn escaped_to(text: &str, longest: usize) -> String {
    let mut safe = String::new();
    let line = plain::revealed(&plain::plain(text, longest));
    for (at, c) in line.char_indices() {
        match c {
            // What makes an address a link.
            ':' if !line[at..].starts_with("://") => safe.push(c),
            // A line below a title only at the beginning.
            '=' if !safe.is_empty() => safe.push(c),
            // A list only at the beginning of a line, an address only behind `www`.
            '-' if !safe.is_empty() => safe.push(c),
            '.' if safe.ends_with("www") => safe.push_str("\\."),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            // What no markup begins with stays readable.
            ' ' | ',' | '.' | ';' | '(' | ')' | '/' | '\'' | '"' | '%' | '?' => safe.push(c),
            c if c.is_ascii_punctuation() => {
                safe.push('\\');
                safe.push(c);
            }
            c => safe.push(c),
        }
    }
    // A number with a point and a space behind it would begin a list.
    match safe.find(". ") {
        Some(at) if at > 0 && safe[..at].chars().all(|c| c.is_ascii_digit()) => {
            safe.replacen('.', "\\.", 1)
        }
        _ => safe,
    }
}

/// Paragraphs that Markdown takes as text, with an empty line behind each.
pub fn escaped_lines(text: &str) -> String {
    let paragraphs = text.split("\n\n").filter(|paragraph| plain::is_visible(paragraph));
    paragraphs.map(|paragraph| escaped_to(paragraph, 5_000) + "\n\n").collect()
}

/// A table of Markdown; the cells are escaped already. Nothing where there is no row.
pub fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let line = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
    let mut text = line(header.to_vec());
    text += &line(header.iter().map(|_| "---").collect());
    for row in rows {
        text += &line(row.iter().map(String::as_str).collect());
    }
    text.push('\n');
    text
}

/// `1 item`, `2 items`.
pub fn count(n: usize, one: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        n => format!("{n} {one}s"),
    }
}

/// A number with two places and a sign that every font has.
pub fn number(x: f64) -> String {
    // Not -0.00: adding 0 takes the sign away.
    format!("{:.2}", (x * 100.0).round() / 100.0 + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_is_text() {
        for (text, safe) in [
            ("a | b", "a \\| b"),
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("![x](http://y)", "\\!\\[x\\](http\\://y)"),
            ("# a\n## b", "\\# a \\#\\# b"),
            ("1. one", "1\\. one"),
            ("0.1", "0.1"),
            ("- CC-BY-4.0", "\\- CC-BY-4.0"),
            ("www.x.org, a@b.org", "www\\.x.org, a\\@b.org"),
            ("*_`~", "\\*\\_\\`\\~"),
            ("a\u{202e}b\u{200b}c", "abc"),
            ("&lt;", "&amp;lt;"),
            ("a: b = c", "a: b = c"),
        ] {
            assert_eq!(escaped(text), safe);
        }
    }

    #[test]
    fn tables_without_rows_are_nothing() {
        assert_eq!(table(&["a", "b"], &[]), "");
        let rows = [vec!["1".to_owned(), "2".to_owned()]];
        assert_eq!(table(&["a", "b"], &rows), "| a | b |\n| --- | --- |\n| 1 | 2 |\n\n");
    }
}
