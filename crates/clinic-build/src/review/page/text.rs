//! Foreign text on the page: in the direction of its language, and escaped.

use clinic_core::language::{Direction, Language, Languages};
use clinic_report::view::text::{pieces, thousands, visible};
use maud::{Markup, html};

/// Most characters of a text on a page of its own: enough for a book, not for a browser to die of.
const MOST: usize = 1_000_000;

/// Most characters of a document beside an item.
const BESIDE: usize = 20_000;

/// A text as a block, line breaks and spaces as they are. Lines of a right-to-left language begin at
/// the right also where their first letter is Latin, as the letters of options are.
pub fn block(text: &str, tag: &str) -> Markup {
    let end = text.char_indices().nth(MOST).map(|(end, _)| end);
    html! {
        @for piece in pieces(&text[..end.unwrap_or(text.len())]) {
            pre.text dir=(direction(tag)) lang=[known(tag)] { (visible(piece)) }
        }
        @if end.is_some() { p.by { "Cut after " (thousands(MOST)) " characters." } }
    }
}

/// The beginning of a document; `whole` leads to all of it.
pub fn beginning(text: &str, tag: &str, whole: &str) -> Markup {
    let end = text.char_indices().nth(BESIDE).map(|(end, _)| end);
    html! {
        (block(&text[..end.unwrap_or(text.len())], tag))
        @if end.is_some() {
            p.by {
                "Cut after " (thousands(BESIDE)) " of " (thousands(text.chars().count()))
                " characters. " a href=(whole) target="_blank" rel="noopener" { "Show all" }
            }
        }
    }
}

/// `ltr`, `rtl`, or `auto` of a language that nobody knows.
pub fn direction(tag: &str) -> &'static str {
    match Languages::current().tag(tag).map(|language| language.direction) {
        Some(Direction::Ltr) => "ltr",
        Some(Direction::Rtl) => "rtl",
        None => "auto",
    }
}

fn known(tag: &str) -> Option<&'static str> {
    Languages::current().tag(tag).map(|language: &Language| language.tag.as_str())
}
