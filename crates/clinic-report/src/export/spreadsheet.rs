//! Text that a spreadsheet takes as text, whatever a model said.
//!
//! A cell is run as a formula when it begins with `=`, `+`, `-` or `@`. Programs look past spaces and
//! invisible characters to find one, take full-width signs for it, and where their separator is the
//! semicolon or the tab, as in much of Europe, they cut cells that a comma file keeps whole. So a
//! sign is defused, by an apostrophe before it, wherever such a program could begin a cell.

use clinic_core::plain::{hides, steers};

/// The text with every beginning of a formula defused, and without control codes but line breaks and
/// tabs, format characters that turn the direction of writing, and invisible tags.
///
/// A plain number stays as it is.
pub fn harmless(text: &str) -> String {
    if text.parse::<f64>().is_ok_and(f64::is_finite) {
        return text.to_owned();
    }
    let mut safe = String::with_capacity(text.len());
    let mut begins = true;
    for c in text.chars().filter(|c| !goes(*c)) {
        if begins && is_sign(c) {
            // A spreadsheet knows an apostrophe only at the very beginning of a cell.
            let at = if safe.chars().all(is_passed_over) { 0 } else { safe.len() };
            safe.insert(at, '\'');
        }
        begins = separates(c) || (begins && is_passed_over(c));
        safe.push(c);
    }
    safe
}

/// What is taken out.
fn goes(c: char) -> bool {
    let tag = ('\u{e0000}'..='\u{e007f}').contains(&c);
    tag || (steers(c) && !matches!(c, '\n' | '\t'))
}

/// Signs that a formula begins with, and those that are taken for them.
fn is_sign(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@')
        || matches!(
            c,
            '＝' | '＋' | '－' | '＠' | '﹦' | '﹢' | '﹣' | '﹫' | '⁼' | '⁺' | '⁻' | '−'
        )
}

/// What could end a cell or a line.
fn separates(c: char) -> bool {
    matches!(c, '\n' | '\t' | ';' | '\u{2028}' | '\u{2029}')
}

/// What programs look past to find the beginning of a cell: spaces, quotes, what nobody sees.
fn is_passed_over(c: char) -> bool {
    c.is_whitespace() || c == '"' || hides(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_no_formula() {
        for (cell, safe) in [
            ("=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")"),
            ("+1-2", "'+1-2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
            // What is looked past, or taken out.
            ("  =1", "'  =1"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'=1"),
            ("\r\n=1", "'\n=1"),
            ("\u{0}\u{1b}=1", "'=1"),
            ("\u{feff}=1", "'\u{feff}=1"),
            ("\u{200b}\u{a0}=1", "'\u{200b}\u{a0}=1"),
            ("\u{202e}=1", "'=1"),
            ("\u{2066}=1", "'=1"),
            ("\u{e003d}=1", "'=1"),
            ("\"=1", "'\"=1"),
            // What looks the same.
            ("＝1", "'＝1"),
            ("﹫SUM(1)", "'﹫SUM(1)"),
            ("−1+cmd", "'−1+cmd"),
            // Cells within the cell.
            ("a\n=1", "a\n'=1"),
            ("a\r\n\u{feff}=1", "a\n\u{feff}'=1"),
            ("a\u{2028}=1", "a\u{2028}'=1"),
            ("a;=1;\"=2", "a;'=1;\"'=2"),
            ("a\t=1", "a\t'=1"),
            // Numbers that are none.
            ("-inf", "'-inf"),
            ("+1e999", "'+1e999"),
        ] {
            assert_eq!(harmless(cell), safe, "{cell:?}");
        }
    }

    #[test]
    fn other_text_stays_as_it_is() {
        for text in
            ["B) metformin", "-0.5", "1e-5", "", "a = b", "5 + 3, -2", "क्\u{200d}ष", "👩\u{200d}⚕️"]
        {
            assert_eq!(harmless(text), text);
        }
        assert_eq!(harmless("\u{1b}[2Jhi\u{0}"), "[2Jhi");
    }
}
