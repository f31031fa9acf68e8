//! Markdown: tables that GitHub and pandoc understand.

use std::fmt::Write;

use super::Sheet;

pub(super) fn write(sheets: &[Sheet]) -> String {
    let mut text = String::from("# clinic report\n");
    for sheet in sheets {
        let _ = write!(text, "\n## {}\n\n", inline(&sheet.title));
        if !sheet.note.is_empty() {
            let _ = write!(text, "{}\n\n", inline(&sheet.note));
        }
        row(&mut text, &sheet.header);
        let rules: Vec<String> = sheet.header.iter().map(|_| "---".to_owned()).collect();
        let _ = writeln!(text, "| {} |", rules.join(" | "));
        sheet.rows.iter().for_each(|cells| row(&mut text, cells));
    }
    text
}

fn row(text: &mut String, cells: &[String]) {
    let cells: Vec<String> = cells.iter().map(|cell| inline(cell)).collect();
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}

/// Foreign text as text: no table's edge, no markup, no HTML, no link.
fn inline(text: &str) -> String {
    let mut safe = String::new();
    for c in text.chars() {
        match c {
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '#' | '~' | '!' => {
                safe.push('\\');
                safe.push(c);
            }
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_stays_in_its_cell() {
        let sheet = Sheet {
            title: "t".to_owned(),
            note: String::new(),
            header: vec!["a".to_owned(), "b".to_owned()],
            rows: vec![vec!["x|y\n<img>".to_owned(), "[l](javascript:1)".to_owned()]],
        };
        let text = write(&[sheet]);
        assert!(text.ends_with("| x\\|y &lt;img&gt; | \\[l\\](javascript:1) |\n"), "{text}");
    }
}
