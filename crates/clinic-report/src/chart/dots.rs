//! Dots with their intervals: rows by panels, one scale a panel. An interval that goes beyond its
//! axis ends in an arrow.

use maud::{Markup, html};

use super::axis::{Axis, tick};
use super::frame::{self, About, Shape};
use super::text::{fit, px, range, room, whole};
use super::{Estimate, number};

/// Of one panel, and of several.
const WIDTHS: [f64; 2] = [720.0, 940.0];
/// Room for labels at most.
const LABELS: f64 = 210.0;
const BETWEEN: f64 = 18.0;
const LINE: f64 = 20.0;
const SERIES: f64 = 11.0;

/// Rows by panels.
#[derive(Debug, Clone, Default)]
pub struct Dots {
    /// Side by side.
    pub panels: Vec<Panel>,
    /// Below each other.
    pub rows: Vec<Row>,
    /// Names of the series, where there are several.
    pub series: Vec<String>,
    /// Whether the number of a hollow dot bears the star of what rests on too little.
    pub star: bool,
}

/// A column with an axis of its own.
#[derive(Debug, Clone)]
pub struct Panel {
    /// Its heading; may be empty.
    pub title: String,
    /// Its scale.
    pub axis: Axis,
}

/// One line, or one heading where it has no cells.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// What it is of.
    pub label: String,
    /// Marks by panel; none for a heading.
    pub cells: Vec<Vec<Mark>>,
}

/// A dot.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    /// The number; `None` draws a dash, never a zero.
    pub estimate: Option<Estimate>,
    /// Whether the dot is hollow: the caption says what that means.
    pub hollow: bool,
}

/// Draws the dots.
pub fn dots(about: About<'_>, chart: &Dots) -> Markup {
    let longest = chart.rows.iter().map(|row| room(&row.label)).fold(0.0, f64::max);
    let labels = (longest + 14.0).clamp(60.0, LABELS);
    let width = WIDTHS[usize::from(chart.panels.len() > 1)];
    let numbered = chart.panels.len() == 1 && chart.series.len() < 2;
    let numbers = chart.rows.iter().filter_map(|row| row.cells.first()?.first());
    let widest = numbers.map(|mark| room(&said(mark, chart.star).concat())).fold(0.0, f64::max);
    let right = if numbered { widest + 20.0 } else { 14.0 };
    let count = chart.panels.len().max(1) as f64;
    let wide = (width - labels - right - BETWEEN * (count - 1.0)) / count;
    let legend = if chart.series.len() > 1 { 24.0 } else { 0.0 };
    let titles = if chart.panels.iter().any(|p| !p.title.is_empty()) { 18.0 } else { 0.0 };
    let top = legend + titles + 20.0;
    let tall = |row: &Row| {
        LINE.max(SERIES * chart.series.len() as f64 + 8.0) * f64::from(!row.cells.is_empty())
            + 24.0 * f64::from(row.cells.is_empty())
    };
    let places: Vec<f64> = chart
        .rows
        .iter()
        .scan(top, |y, row| {
            let place = *y;
            *y += tall(row);
            Some(place)
        })
        .collect();
    let bottom = top + chart.rows.iter().map(tall).sum::<f64>();
    let left = |panel: usize| labels + (wide + BETWEEN) * panel as f64;
    let share = (width - labels) / chart.series.len().max(1) as f64 - 34.0;
    let series: Vec<String> = chart.series.iter().map(|name| fit(name, share)).collect();
    let body = html! {
        @if legend > 0.0 { (frame::legend(&series, labels, 14.0)) }
        @for (i, panel) in chart.panels.iter().enumerate() {
            (scale(panel, left(i), wide, top, bottom))
        }
        @for (row, y) in chart.rows.iter().zip(&places) {
            @let middle = y + tall(row) / 2.0;
            @if row.cells.is_empty() {
                text class="head" x="0" y=(px(middle + 6.0)) { (fit(&row.label, width)) }
            } @else {
                text class="end" x=(px(labels - 10.0)) y=(px(middle + 4.0)) {
                    (fit(&row.label, labels - 12.0))
                }
                @for (i, (cell, panel)) in row.cells.iter().zip(&chart.panels).enumerate() {
                    (marks(cell, &panel.axis, left(i), wide, middle, &row.label))
                }
                @if let (true, Some(mark)) = (numbered, row.cells[0].first()) {
                    @let [number, interval] = said(mark, chart.star);
                    text class="num" x=(px(width - right + 12.0)) y=(px(middle + 4.0)) {
                        (number) tspan class="mute" { (interval) }
                    }
                }
            }
        }
    };
    frame::svg(about, width, bottom + 8.0, body)
}

/// A mark as the number and the interval behind it.
fn said(mark: &Mark, star: bool) -> [String; 2] {
    let Some(Estimate { value, interval }) = mark.estimate else {
        return ["–".to_owned(), String::new()];
    };
    let star = if star && mark.hollow { "*" } else { "" };
    let interval = interval.map(|(low, high)| format!(" {}", range(low, high)));
    [format!("{}{star}", number(value)), interval.unwrap_or_default()]
}

/// Heading, numbers and lines of a panel.
fn scale(panel: &Panel, left: f64, wide: f64, top: f64, bottom: f64) -> Markup {
    let at = |value: f64| left + wide * panel.axis.share(value);
    let lines: String = panel
        .axis
        .ticks
        .iter()
        .map(|t| format!("M{} {}V{}", px(at(*t)), px(top), px(bottom)))
        .collect();
    html! {
        @if !panel.title.is_empty() {
            text class="head mid" x=(px(left + wide / 2.0)) y=(px(top - 22.0)) {
                (fit(&panel.title, wide + BETWEEN))
            }
        }
        path class="grid" d=(lines) {}
        @if panel.axis.from < 0.0 {
            path class="zero" d={ "M" (px(at(0.0))) " " (px(top)) "V" (px(bottom)) } {}
        }
        @for t in &panel.axis.ticks {
            text class="tick mid" x=(px(at(*t))) y=(px(top - 6.0)) { (tick(*t)) }
        }
    }
}

/// The marks of a row in a panel, one below the other where there are several.
fn marks(cell: &[Mark], axis: &Axis, left: f64, wide: f64, middle: f64, label: &str) -> Markup {
    let first = middle - SERIES * (cell.len() as f64 - 1.0) / 2.0;
    html! {
        @for (i, mark) in cell.iter().enumerate() {
            @let y = first + SERIES * i as f64;
            @match mark.estimate {
                Some(estimate) => {
                    @let at = |value: f64| left + wide * axis.share(value);
                    g class={ "s" (i) } {
                        title { (whole(label)) ": " (estimate) }
                        @if let Some(interval) = estimate.interval {
                            path class="i" d=(line(interval, axis, &at, y)) {}
                        }
                        path class=(if mark.hollow { "m o" } else { "m" }) d=(Shape(i).path(at(estimate.value), y, 3.4)) {}
                    }
                }
                None => text class="tick" x=(px(left + 4.0)) y=(px(y + 4.0)) { "– none" }
            }
        }
    }
}

/// The interval's line, with an arrow where it goes on beyond the axis.
fn line((low, high): (f64, f64), axis: &Axis, at: &dyn Fn(f64) -> f64, y: f64) -> String {
    let (x0, x1) = (at(low), at(high));
    let mut path = format!("M{} {}H{}", px(x0), px(y), px(x1));
    if !axis.holds(low) {
        path.push_str(&format!("M{} {}l-4 3l4 3", px(x0 + 4.0), px(y - 3.0)));
    }
    if !axis.holds(high) {
        path.push_str(&format!("M{} {}l4 3l-4 3", px(x1 - 4.0), px(y - 3.0)));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(value: f64, low: f64, high: f64) -> Mark {
        Mark { estimate: Some(Estimate { value, interval: Some((low, high)) }), hollow: false }
    }

    fn drawn(rows: Vec<Row>, axis: Axis) -> String {
        let about = About { id: "c", title: "A & B", desc: "Dots" };
        let panels = vec![Panel { title: String::new(), axis }];
        dots(about, &Dots { panels, rows, series: Vec::new(), star: true }).into_string()
    }

    #[test]
    fn a_dot_stands_where_its_value_is() {
        let row = Row { label: "<b>".into(), cells: vec![vec![mark(0.5, 0.25, 1.0)]] };
        let svg = drawn(vec![row], Axis::unit());
        // From 60 to 604.8: a quarter is at 196.2, the middle at 332.4, less the mark's half width.
        assert!(svg.contains("M196.2 30H604.8"), "{svg}");
        assert!(svg.contains("M329 30a"), "{svg}");
        assert!(svg.contains("A &amp; B") && svg.contains("&lt;b&gt;") && !svg.contains("<b>"));
    }

    #[test]
    fn what_is_missing_is_a_dash_and_what_is_thin_is_hollow() {
        let none = Mark { estimate: None, hollow: false };
        let thin = Mark { hollow: true, ..mark(0.5, 0.4, 0.6) };
        let row = |m| Row { label: "x".into(), cells: vec![vec![m]] };
        let svg = drawn(vec![row(none), row(thin)], Axis::unit());
        assert_eq!(svg.matches("class=\"m o\"").count(), 1, "{svg}");
        assert_eq!(
            svg.matches('–').count(),
            3,
            "one for the missing number, one for its place, one for a range: {svg}"
        );
    }

    #[test]
    fn an_interval_beyond_the_axis_ends_in_an_arrow() {
        let axis = Axis::around_zero([0.1].into_iter());
        let row = Row { label: "x".into(), cells: vec![vec![mark(0.1, 0.0, 0.7)]] };
        let svg = drawn(vec![row], axis);
        assert!(svg.contains("l4 3l-4 3") && !svg.contains("l-4 3l4 3"), "{svg}");
    }
}
