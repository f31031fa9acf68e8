//! LaTeX with booktabs, ready for a paper: `\usepackage{booktabs,longtable,array}`.

use std::fmt::Write;

use super::Sheet;

pub(super) fn write(sheets: &[Sheet]) -> String {
    let mut text = String::from(
        "% Made by clinic. In the preamble: \\usepackage[T1]{fontenc}\n\
         % \\usepackage{booktabs,longtable,array,ragged2e}\n",
    );
    sheets.iter().for_each(|sheet| table(&mut text, sheet));
    text
}

fn table(text: &mut String, sheet: &Sheet) {
    let columns = sheet.header.len();
    // The first column is wider than the others by as much again.
    let unit = 0.94 / (columns as f64 + 0.6);
    let width = |i: usize| if i == 0 { 1.6 * unit } else { unit };
    let spec: Vec<String> = (0..columns)
        .map(|i| format!(">{{\\RaggedRight\\arraybackslash}}p{{{:.3}\\linewidth}}", width(i)))
        .collect();
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| escape(cell)).collect();
        cells.join(" & ") + " \\\\"
    };
    let _ = writeln!(
        text,
        "\n\\begingroup\\footnotesize\\setlength{{\\tabcolsep}}{{3pt}}\n\
         \\begin{{longtable}}{{@{{}}{}@{{}}}}\n\\caption{{{}. {}}}\\\\\n\\toprule\n{}\n\\midrule\n\\endhead",
        spec.join(""),
        escape(&sheet.title),
        escape(&sheet.note),
        line(&sheet.header)
    );
    for row in &sheet.rows {
        let _ = writeln!(text, "{}", line(row));
    }
    text.push_str("\\bottomrule\n\\end{longtable}\n\\endgroup\n");
}

/// Foreign text as text: no command, no comment, no mathematics.
fn escape(text: &str) -> String {
    let mut safe = String::new();
    let mut letter = false;
    for c in text.chars() {
        // Names of models are long words, which a narrow column must be able to break.
        let breaks = c == '/' || c == '_' || (c == '.' && letter);
        letter = c.is_alphabetic();
        match c {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => {
                safe.push('\\');
                safe.push(c);
            }
            '\\' => safe.push_str("\\textbackslash{}"),
            '~' => safe.push_str("\\textasciitilde{}"),
            '^' => safe.push_str("\\textasciicircum{}"),
            '<' => safe.push_str("\\textless{}"),
            '>' => safe.push_str("\\textgreater{}"),
            '"' => safe.push_str("\\textquotedbl{}"),
            '↑' => safe.push_str("$\\uparrow$"),
            '↓' => safe.push_str("$\\downarrow$"),
            '→' => safe.push_str("$\\to$"),
            '–' => safe.push_str("--"),
            '−' => safe.push_str("$-$"),
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
        if breaks {
            safe.push_str("\\allowbreak{}");
        }
    }
    // A minus sign, not a hyphen, before a number.
    let mut text = String::new();
    let mut before = ' ';
    let mut chars = safe.chars().peekable();
    while let Some(c) = chars.next() {
        let number = chars.peek().is_some_and(char::is_ascii_digit);
        if c == '-' && number && matches!(before, ' ' | '(') {
            text.push_str("$-$");
        } else {
            text.push(c);
        }
        before = c;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_is_no_command() {
        assert_eq!(
            escape("50 % \\input{x} a_b"),
            "50 \\% \\textbackslash{}input\\{x\\} a\\_\\allowbreak{}b"
        );
        assert_eq!(escape("x/m.gguf 0.5"), "x/\\allowbreak{}m.\\allowbreak{}gguf 0.5");
        assert_eq!(escape("-0.20 (-0.30, 0.1) gpt-4"), "$-$0.20 ($-$0.30, 0.1) gpt-4");
    }
}
