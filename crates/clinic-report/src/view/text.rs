//! Foreign text on a page: escaped, in its own direction, with nothing in it that a reader misses.

use std::fmt::Write;

use clinic_core::language::Languages;
use clinic_core::plain::is_unseen;
use maud::{Escaper, Markup, PreEscaped, html};

/// Most characters of a text that are shown before a reader asks for all.
const SHOWN: usize = 20_000;

/// Characters that are laid out together.
const PIECE: usize = 4_000;

/// A text of the run as a block: line breaks and spaces as they are, each paragraph in the direction of
/// its first letter. Cut where it is long, unless `whole` is set; `more` leads to all of it.
pub fn block(text: &str, language: &str, whole: bool, more: &str) -> Markup {
    if text.is_empty() {
        return html! { p.none { "(empty)" } };
    }
    let end = if whole { None } else { text.char_indices().nth(SHOWN).map(|(end, _)| end) };
    let shown = &text[..end.unwrap_or(text.len())];
    html! {
        @for piece in pieces(shown) {
            pre.text dir="auto" lang=[tag(language)] { (visible(piece)) }
        }
        @if end.is_some() {
            p.cut {
                "Cut after " (thousands(SHOWN)) " of " (thousands(text.chars().count()))
                " characters. " a href=(more) { "Show all" }
            }
        }
    }
}

/// The text in pieces that a browser lays out one by one: a line of a million letters would keep it
/// busy for minutes. Cut at the end of a line where there is one.
pub fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((end, _)) = rest.char_indices().nth(PIECE) {
        let (piece, behind) = match rest[..end].rsplit_once('\n') {
            Some((lines, _)) if !lines.is_empty() => (lines, &rest[lines.len() + 1..]),
            _ => rest.split_at(end),
        };
        pieces.push(piece);
        rest = behind;
    }
    if !rest.is_empty() || pieces.is_empty() {
        pieces.push(rest);
    }
    pieces
}

/// The first words of a text on one line.
pub fn first_words(text: &str, language: &str) -> Markup {
    let words = clinic_core::plain::plain(text, 70);
    html! { span.words dir="auto" lang=[tag(language)] { (visible(&words)) } }
}

/// The text with a name in the place of each character that leaves no mark on the page.
pub fn visible(text: &str) -> Markup {
    let mut html = String::with_capacity(text.len());
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let line_ends = c == '\r' && chars.peek() == Some(&'\n');
        // Half of an emoji: named, it would tear the whole apart.
        let of_emoji = matches!(c, '\u{200d}' | '\u{fe0f}') && is_picture(before);
        if !line_ends && !of_emoji && is_unseen(before, c) {
            let code = u32::from(c);
            let _ = write!(html, "<span class=\"code\" title=\"a character without a mark\">");
            let _ = write!(html, "U+{code:04X}</span>");
        } else if !line_ends {
            let _ = Escaper::new(&mut html).write_char(c);
        }
        before = c;
    }
    PreEscaped(html)
}

fn is_picture(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}' | '\u{fe0f}')
}

/// The tag of a language of this process; others could be anything.
fn tag(language: &str) -> Option<&str> {
    Languages::current().tag(language).map(|language| language.tag.as_str())
}

/// The language's name in English.
pub fn language_name(tag: &str) -> &str {
    Languages::current().tag(tag).map_or(tag, |language| &language.english)
}

/// A count with a comma for each thousand.
pub fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_text_and_what_is_unseen_is_named() {
        let html = visible("<script>a\u{202e}b</script>\r\n\u{0}&\"").into_string();
        let code =
            |n| format!("<span class=\"code\" title=\"a character without a mark\">U+{n}</span>");
        let expected =
            format!("&lt;script&gt;a{}b&lt;/script&gt;\n{}&amp;&quot;", code("202E"), code("0000"));
        assert_eq!(html, expected);
    }

    #[test]
    fn spelling_and_emoji_stay_whole() {
        for text in ["क्\u{200d}या", "❤\u{fe0f}", "👩\u{200d}⚕\u{fe0f}"] {
            assert_eq!(visible(text).into_string(), text);
        }
        assert!(visible("a\u{200d}b").into_string().contains("U+200D"));
    }

    #[test]
    fn pieces_end_with_lines_where_they_can() {
        let line = "é".repeat(PIECE - 1);
        let text = format!("{line}\n{line}\n\n{line}{line}x");
        let expected = [line.clone(), line.clone(), format!("\n{line}"), format!("{line}x")];
        assert_eq!(pieces(&text), expected, "the empty line stays");
        let long = "é".repeat(2 * PIECE + 1);
        assert_eq!(
            pieces(&long).iter().map(|p| p.chars().count()).collect::<Vec<_>>(),
            [PIECE, PIECE, 1]
        );
        assert_eq!(pieces(""), [""]);
        assert_eq!(pieces("\nx"), ["\nx"]);
    }

    #[test]
    fn long_texts_are_cut_at_a_character() {
        let long = "é".repeat(SHOWN + 1);
        let html = block(&long, "fr", false, "?whole=1").into_string();
        assert!(html.contains("Cut after 20,000 of 20,001"), "{}", &html[html.len() - 200..]);
        let whole = block(&long, "fr", true, "").into_string();
        assert_eq!(whole.matches('é').count(), SHOWN + 1);
        assert_eq!(thousands(1_234_567), "1,234,567");
    }
}
