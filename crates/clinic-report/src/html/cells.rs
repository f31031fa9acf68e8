//! Small parts of the page: numbers, dashes with their reason, names of languages.

use clinic_core::language::{Direction, Languages, Tier};
use maud::{Markup, html};

use crate::analysis::Measured;
use crate::chart::{Estimate, number, range};
use crate::plain;

/// Colours of the scale from 0 to 1.
const STEPS: f64 = 10.0;

/// The number for a chart.
pub(super) fn estimate(m: &Measured) -> Option<Estimate> {
    Some(Estimate { value: m.value?, interval: m.low.zip(m.high) })
}

/// Why there is no number.
pub(super) fn why(m: &Measured) -> String {
    match (m.n, m.expected) {
        (0, 0) => "not part of the run".to_owned(),
        (0, expected) => format!("none of {expected} samples has a score"),
        (n, _) => format!("{n} scored samples are too few, or too much alike, for this number"),
    }
}

/// The number, or a dash that says why there is none.
pub(super) fn value(m: &Measured) -> Markup {
    html! {
        @match m.value {
            Some(value) => (number(value)),
            None => span.none title=(why(m)) { "–" },
        }
    }
}

/// The interval, smaller than its number.
pub(super) fn interval(m: &Measured) -> Markup {
    html! { @if let (Some(low), Some(high)) = (m.low, m.high) { small { (range(low, high)) } } }
}

/// Number and interval.
pub(super) fn measured(m: &Measured, thin: bool) -> Markup {
    html! { (value(m)) @if thin && m.value.is_some() { (star()) } " " (interval(m)) }
}

/// What a cell's pointer says: the interval and what it rests on.
pub(super) fn hint(m: &Measured) -> String {
    match (m.value, m.low, m.high) {
        (None, ..) => why(m),
        (_, Some(low), Some(high)) => format!("{}, n {}/{}", range(low, high), m.n, m.expected),
        _ => format!("no interval, n {}/{}", m.n, m.expected),
    }
}

/// The mark of what rests on less than 90 % of its samples.
pub(super) fn star() -> Markup {
    html! { abbr title="less than 90\u{a0}% of the samples have a score" { "*" } }
}

/// The class of a colour between 0, worst, and 1, best.
pub(super) fn heat(safe: Option<f64>) -> String {
    match safe {
        Some(safe) => format!("h{}", (safe.clamp(0.0, 1.0) * STEPS).min(STEPS - 1.0) as u8),
        None => "hx".to_owned(),
    }
}

/// The class of a colour for a difference on the scale from 0 to 1: below 0 is worse.
pub(super) fn shift(difference: Option<f64>) -> String {
    let Some(difference) = difference else { return "hx".to_owned() };
    let size = match difference.abs() {
        d if d < 0.02 => return "d0".to_owned(),
        d if d < 0.1 => 1,
        d if d < 0.25 => 2,
        _ => 3,
    };
    format!("{}{size}", if difference < 0.0 { 'w' } else { 'b' })
}

/// A count with thin spaces between thousands.
pub(super) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// A word with its first letter large.
pub(super) fn capital(word: impl std::fmt::Display) -> String {
    let word = word.to_string();
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A language as the page names it.
#[derive(Debug, Clone)]
pub(super) struct Tongue {
    pub tag: String,
    pub english: String,
    pub own: String,
    /// The tag with the script where the fonts of the tag alone would be wrong.
    pub lang: String,
    pub dir: &'static str,
    pub tier: Option<Tier>,
}

impl Tongue {
    /// The language with a tag; the tag itself where it is not known.
    pub(super) fn of(tag: &str) -> Self {
        match Languages::current().tag(tag) {
            Some(known) => Self {
                tag: tag.to_owned(),
                english: known.english.clone(),
                own: known.own.clone(),
                lang: match known.script.as_str() {
                    script @ ("Hans" | "Hant") => format!("{tag}-{script}"),
                    _ => tag.to_owned(),
                },
                dir: match known.direction {
                    Direction::Ltr => "ltr",
                    Direction::Rtl => "rtl",
                },
                tier: Some(known.tier),
            },
            None => Self {
                tag: tag.to_owned(),
                english: plain(tag, 40),
                own: plain(tag, 40),
                lang: "und".to_owned(),
                dir: "auto",
                tier: None,
            },
        }
    }

    /// By tier, then in the order of `languages.toml`.
    pub(super) fn sorted<'a>(tags: impl Iterator<Item = &'a str>) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for tag in tags {
            if !all.iter().any(|known| known.tag == tag) {
                all.push(Self::of(tag));
            }
        }
        all.sort_by_key(|t| {
            (t.tier.is_none(), t.tier, Languages::current().position(&t.tag), t.tag.clone())
        });
        all
    }

    /// English name and own name.
    pub(super) fn names(&self) -> Markup {
        html! {
            (self.english)
            @if self.own != self.english {
                " " bdi.own lang=(self.lang) dir=(self.dir) { (self.own) }
            }
        }
    }
}

/// The name of a language, or of all of them.
pub(super) fn language(tag: Option<&str>) -> String {
    tag.map_or("all languages".to_owned(), |tag| Tongue::of(tag).english)
}

/// A box that scrolls where the page is too narrow for what it holds; reachable by keyboard.
pub(super) fn scroll(label: &str, inside: Markup) -> Markup {
    html! { div.scroll role="region" aria-label=(label) tabindex="0" { (inside) } }
}

/// Something folded away.
pub(super) fn fold(title: &str, open: bool, inside: Markup) -> Markup {
    html! { details open[open] { summary { (title) } (inside) } }
}

/// A chart with its caption.
pub(super) fn figure(chart: Markup, caption: Markup) -> Markup {
    html! { figure { div.scroll { (chart) } figcaption { (caption) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_number_is_a_dash_that_says_why() {
        let none = Measured { expected: 20, ..Measured::default() };
        let shown = measured(&none, false).into_string();
        assert!(shown.contains("none of 20 samples has a score") && shown.contains('–'), "{shown}");
        assert!(!shown.contains('0') || shown.matches('0').count() == 1, "{shown}");
        assert_eq!(heat(None), "hx");
        assert_eq!(shift(None), "hx");
    }

    #[test]
    fn colours_are_steps() {
        let heats = [-0.0, 0.5, 0.999, 1.0].map(|s| heat(Some(s)));
        assert_eq!(heats, ["h0", "h5", "h9", "h9"]);
        let shifts = [-0.3, -0.05, 0.01, 0.2].map(|d| shift(Some(d)));
        assert_eq!(shifts, ["w3", "w1", "d0", "b2"]);
    }

    #[test]
    fn languages_stand_by_tier_and_know_their_direction() {
        let sorted = Tongue::sorted(["sw", "ar", "bn", "zz", "en", "ar"].into_iter());
        let tags: Vec<&str> = sorted.iter().map(|t| t.tag.as_str()).collect();
        assert_eq!(tags, ["en", "ar", "bn", "sw", "zz"]);
        let arabic = sorted[1].names().into_string();
        assert!(arabic.contains("lang=\"ar\" dir=\"rtl\""), "{arabic}");
        assert_eq!(Tongue::of("zh").lang, "zh-Hans");
    }

    #[test]
    fn counts_are_grouped_and_words_begin_large() {
        assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(count(12), "12");
        assert_eq!(capital("safety"), "Safety");
    }
}
