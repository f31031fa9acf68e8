//! Text and numbers as they stand in charts.

use clinic_core::plain::plain;
use unicode_width::UnicodeWidthChar;

/// Pixels that a column of text takes at 12 px, on the wide side of what fonts differ in.
const COLUMN: f64 = 6.8;

/// Characters of a label at most, whatever room there is.
const LONGEST: usize = 60;

/// A number with two decimals; nothing rounds to minus zero, and minus is a minus.
pub fn number(x: f64) -> String {
    let text = format!("{x:.2}");
    if text == "-0.00" { "0.00".to_owned() } else { text.replace('-', "−") }
}

/// Both ends of an interval.
pub fn range(low: f64, high: f64) -> String {
    // A dash beside a minus cannot be read.
    let between = if low < 0.0 { " to " } else { "–" };
    format!("{}{between}{}", number(low), number(high))
}

/// A coordinate with one decimal, where it says something.
pub(super) fn px(x: f64) -> String {
    let text = format!("{x:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Pixels that a text takes, estimated: SVG cannot measure, and fonts differ.
pub(super) fn room(text: &str) -> f64 {
    text.chars().map(|c| c.width().unwrap_or(0) as f64 * COLUMN).sum()
}

/// A label as the pointer says it.
pub(super) fn whole(text: &str) -> String {
    plain(text, LONGEST)
}

/// The text without characters that steer, cut with `…` where it takes more than `most` pixels.
pub(super) fn fit(text: &str, most: f64) -> String {
    let text = plain(text, LONGEST);
    if room(&text) <= most {
        return text;
    }
    let mut cut = String::new();
    for c in text.chars() {
        if room(&cut) + room(c.encode_utf8(&mut [0; 4])) > most - COLUMN {
            break;
        }
        cut.push(c);
    }
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_short() {
        assert_eq!([1.0, 0.25, -0.04, 12.345].map(px), ["1", "0.2", "0", "12.3"]);
        assert_eq!([range(0.1, 0.2), range(-0.2, -0.1)], ["0.10–0.20", "−0.20 to −0.10"]);
        assert_eq!([-0.001, -0.5, 1.0].map(number), ["0.00", "−0.50", "1.00"]);
    }

    #[test]
    fn labels_fit_in_every_script() {
        assert_eq!(fit("short", 100.0), "short");
        assert_eq!(fit("a\u{202e}b\nc", 100.0), "ab c");
        for long in ["a label that goes on and on", "非常に長い名前のモデル", "ይህ በጣም ረጅም ስም ነው"]
        {
            let cut = fit(long, 80.0);
            assert!(cut.ends_with('…') && room(&cut) <= 80.0, "{cut}");
        }
    }
}
