//! Stacked bars: shares of a whole, a bar a row, in the same order in each.

use maud::{Markup, html};

use super::frame::{self, About};
use super::text::{fit, px, room, whole};

const WIDTH: f64 = 720.0;
const LABELS: f64 = 200.0;
const LINE: f64 = 22.0;
/// Room behind a bar for the number of answers.
const COUNTS: f64 = 64.0;
/// A segment that is narrower says its number only where the pointer rests on it.
const NARROWEST: f64 = 22.0;

/// Bars of parts.
#[derive(Debug, Clone, Default)]
pub struct Stack {
    /// Names of the parts, in order.
    pub parts: Vec<String>,
    /// The bars.
    pub rows: Vec<StackRow>,
}

/// One bar.
#[derive(Debug, Clone, Default)]
pub struct StackRow {
    /// What it is of.
    pub label: String,
    /// Shares by part, 0 to 1; none where nothing was scored.
    pub shares: Option<Vec<f64>>,
    /// Answers that it rests on.
    pub n: usize,
    /// Whether they are too few of those that there should be.
    pub thin: bool,
}

/// Draws the bars.
pub fn stack(about: About<'_>, chart: &Stack) -> Markup {
    let longest = chart.rows.iter().map(|row| room(&row.label)).fold(0.0, f64::max);
    let left = (longest + 14.0).clamp(60.0, LABELS);
    let wide = WIDTH - left - COUNTS;
    let top = 28.0;
    let needed: f64 = chart.parts.iter().map(|part| 30.0 + room(part)).sum();
    let share = wide / chart.parts.len().max(1) as f64 - 30.0;
    let most = if needed > wide { share } else { needed };
    let names: Vec<String> = chart.parts.iter().map(|part| fit(part, most)).collect();
    let places = names.iter().scan(left, |x, name| {
        let place = *x;
        *x += 30.0 + room(name);
        Some(place)
    });
    let body = html! {
        @for (i, (name, x)) in names.iter().zip(places).enumerate() {
            rect class={ "p" (i) } x=(px(x)) y="5" width="11" height="11" {}
            text x=(px(x + 16.0)) y="15" { (name) }
        }
        text class="tick end" x=(px(WIDTH - 2.0)) y="15" { "answers" }
        @for (i, row) in chart.rows.iter().enumerate() {
            @let y = top + LINE * i as f64;
            text class="end" x=(px(left - 10.0)) y=(px(y + 13.5)) { (fit(&row.label, left - 12.0)) }
            text class="num end" x=(px(WIDTH - 2.0)) y=(px(y + 13.5)) {
                (row.n) @if row.thin { "*" }
            }
            @match &row.shares {
                Some(shares) => (segments(shares, &chart.parts, left, wide, y)),
                None => text class="mute" x=(px(left + 3.0)) y=(px(y + 13.5)) { "– nothing scored" }
            }
        }
    };
    frame::svg(about, WIDTH, top + LINE * chart.rows.len() as f64 + 4.0, body)
}

fn segments(shares: &[f64], parts: &[String], left: f64, wide: f64, y: f64) -> Markup {
    let starts = shares.iter().scan(0.0, |sum, share| {
        let start = *sum;
        *sum += share;
        Some(start)
    });
    html! {
        @for (i, (share, start)) in shares.iter().zip(starts).enumerate().filter(|(_, (s, _))| **s > 0.0) {
            @let (x, w) = (left + wide * start, wide * share);
            rect class={ "p" (i) } x=(px(x)) y=(px(y)) width=(px((w - 1.0).max(0.5))) height=(px(LINE - 4.0)) {
                title { (whole(&parts[i])) ": " (percent(*share)) " %" }
            }
            @if w >= NARROWEST {
                text class={ "mid t" (i) } x=(px(x + w / 2.0)) y=(px(y + 13.5)) {
                    (percent(*share))
                }
            }
        }
    }
}

fn percent(share: f64) -> String {
    format!("{:.0}", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_add_up_and_nothing_is_no_bar() {
        let row = |shares| StackRow { label: "l".into(), shares, n: 20, thin: false };
        let chart = Stack {
            parts: vec!["neutral".into(), "<male>".into(), "none".into()],
            rows: vec![row(Some(vec![0.25, 0.75, 0.0])), row(None)],
        };
        let about = About { id: "s", title: "Shares", desc: "Bars" };
        let svg = stack(about, &chart).into_string();
        // The bar is 596 wide, with a pixel between segments.
        assert!(svg.contains("x=\"60\" y=\"28\" width=\"148\""), "{svg}");
        assert!(svg.contains("x=\"209\" y=\"28\" width=\"446\""), "{svg}");
        assert_eq!(svg.matches("<rect").count(), 3 + 2, "{svg}");
        assert!(svg.contains("nothing scored") && svg.contains("&lt;male&gt;: 75 %"), "{svg}");
    }
}
