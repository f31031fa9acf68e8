//! Radars side by side, one a run: a spoke an axis, 0 at the middle, 1 at the rim. Polygons of many
//! runs over each other cannot be read, so each has a radar of its own, before the median of all.

use std::f64::consts::PI;

use maud::{Markup, html};

use super::frame::{self, About, Shape};
use super::text::{fit, px};
use super::{Estimate, number};

/// One radar.
#[derive(Debug, Clone)]
pub struct Radar {
    /// Whose it is; nothing where there is only one.
    pub label: String,
    /// A value a spoke; `None` leaves a gap.
    pub values: Vec<Option<Estimate>>,
}

/// Of many radars so many stand in a row; one is large.
const IN_A_ROW: usize = 5;

struct Layout {
    wide: f64,
    tall: f64,
    radius: f64,
}

/// Draws the radars; `middle` is what each is held against.
pub fn radars(
    about: About<'_>,
    spokes: &[String],
    radars: &[Radar],
    middle: Option<&[Option<f64>]>,
) -> Markup {
    let one = radars.len() < 2;
    let layout = if one {
        Layout { wide: 380.0, tall: 290.0, radius: 104.0 }
    } else {
        Layout { wide: 188.0, tall: 176.0, radius: 52.0 }
    };
    let columns = radars.len().clamp(1, IN_A_ROW);
    let rows = radars.len().div_ceil(columns).max(1);
    let (width, height) = (layout.wide * columns as f64, layout.tall * rows as f64);
    let body = html! {
        @for (i, radar) in radars.iter().enumerate() {
            @let x = layout.wide * ((i % columns) as f64 + 0.5);
            @let y = layout.tall * (i / columns) as f64 + layout.tall / 2.0 + if one { 4.0 } else { 12.0 };
            (single(radar, spokes, middle.unwrap_or_default(), &layout, (x, y)))
        }
    };
    frame::svg(about, width, height, body)
}

fn single(
    radar: &Radar,
    spokes: &[String],
    middle: &[Option<f64>],
    layout: &Layout,
    (x, y): (f64, f64),
) -> Markup {
    let r = layout.radius;
    let at = |i: usize, share: f64| {
        let angle = 2.0 * PI * i as f64 / spokes.len().max(1) as f64 - PI / 2.0;
        (x + r * share.clamp(0.0, 1.0) * angle.cos(), y + r * share.clamp(0.0, 1.0) * angle.sin())
    };
    let path = |values: &[Option<f64>]| outline(values, &at);
    let rings: String =
        [0.25, 0.5, 0.75, 1.0].map(|ring| path(&vec![Some(ring); spokes.len()])).concat();
    let lines: String = (0..spokes.len())
        .map(|i| {
            let (to_x, to_y) = at(i, 1.0);
            format!("M{} {}L{} {}", px(x), px(y), px(to_x), px(to_y))
        })
        .collect();
    let of = |pick: &dyn Fn(&Estimate) -> f64| -> Vec<Option<f64>> {
        radar.values.iter().map(|value| value.as_ref().map(pick)).collect()
    };
    let values = of(&|e| e.value);
    let low = of(&|e| e.interval.map_or(e.value, |(low, _)| low));
    let high = of(&|e| e.interval.map_or(e.value, |(_, high)| high));
    let whole = values.iter().all(Option::is_some);
    html! {
        @if !radar.label.is_empty() {
            text class="head mid" x=(px(x)) y=(px(y - r - 26.0)) {
                (fit(&radar.label, layout.wide - 6.0))
            }
        }
        path class="grid" d={ (rings) (lines) } {}
        @if !middle.is_empty() { path class="median" d=(path(middle)) {} }
        // The band between both ends of the intervals: the inner outline is a hole.
        @if whole { path class="band s0" fill-rule="evenodd" d={ (path(&high)) (path(&low)) } {} }
        path class="i s0" d=(path(&values)) {}
        @for (i, (spoke, value)) in spokes.iter().zip(&radar.values).enumerate() {
            @if let Some(estimate) = value {
                @let (dot_x, dot_y) = at(i, estimate.value);
                path class="m s0" d=(Shape(0).path(dot_x, dot_y, if layout.wide > 200.0 { 3.4 } else { 2.2 })) {
                    title { (spoke) ": " (estimate) }
                }
            }
            (label(spoke, *value, i, spokes.len(), (x, y), layout))
        }
    }
}

/// A spoke's name and number at its end.
fn label(
    spoke: &str,
    value: Option<Estimate>,
    i: usize,
    spokes: usize,
    (x, y): (f64, f64),
    layout: &Layout,
) -> Markup {
    let angle = 2.0 * PI * i as f64 / spokes.max(1) as f64 - PI / 2.0;
    let large = layout.wide > 200.0;
    let far = layout.radius + if large { 12.0 } else { 8.0 };
    let (to_x, to_y) = (x + far * angle.cos(), y + far * angle.sin());
    let side = match angle.cos() {
        c if c > 0.1 => "",
        c if c < -0.1 => "end",
        _ => "mid",
    };
    let down = if angle.sin() > 0.5 { 8.0 } else { 0.0 };
    let value = value.map_or("–".to_owned(), |e| number(e.value));
    html! {
        @if large {
            @let up = if angle.sin() < -0.9 { 14.0 } else { 0.0 };
            text class=(side) x=(px(to_x)) y=(px(to_y + down - up)) {
                (spoke) tspan class="b" x=(px(to_x)) dy="15" { (value) }
            }
        } @else {
            @let short: String = spoke.chars().take(1).collect();
            text class={ (side) " tick" } x=(px(to_x)) y=(px(to_y + down + 2.0)) {
                (short) " " tspan class="b" { (value) }
            }
        }
    }
}

/// A closed outline through the values, with gaps where there are none.
fn outline(values: &[Option<f64>], at: &dyn Fn(usize, f64) -> (f64, f64)) -> String {
    let whole = values.iter().all(Option::is_some);
    let mut path = String::new();
    let mut pen = false;
    let around = if whole { values.len() } else { values.len() + 1 };
    for i in (0..around).map(|i| i % values.len()) {
        let Some(value) = values[i] else {
            pen = false;
            continue;
        };
        let (x, y) = at(i, value);
        path.push_str(&format!("{}{} {}", if pen { 'L' } else { 'M' }, px(x), px(y)));
        pen = true;
    }
    if whole && !values.is_empty() {
        path.push('z');
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(value: f64) -> Option<Estimate> {
        Some(Estimate { value, interval: Some((value - 0.1, value + 0.1)) })
    }

    #[test]
    fn a_gap_is_no_zero() {
        let at = |i: usize, v: f64| (i as f64, v);
        assert_eq!(outline(&[Some(1.0), Some(2.0), Some(3.0)], &at), "M0 1L1 2L2 3z");
        assert_eq!(outline(&[Some(1.0), None, Some(3.0)], &at), "M0 1M2 3L0 1");
        assert_eq!(outline(&[], &at), "");
    }

    #[test]
    fn each_run_has_a_radar_before_the_median() {
        let spokes: Vec<String> = ["Truth", "Fair", "Safe"].map(String::from).to_vec();
        let radar = |label: &str| Radar {
            label: label.into(),
            values: vec![estimate(0.5), None, estimate(0.8)],
        };
        let about = About { id: "r", title: "Profile", desc: "Radars" };
        let all: Vec<Radar> = ["a", "b", "c", "d", "<e>"].map(radar).to_vec();
        let median = [Some(0.5), Some(0.2), Some(0.8)];
        let svg = radars(about, &spokes, &all, Some(&median)).into_string();
        assert_eq!(svg.matches("class=\"median\"").count(), 5);
        assert_eq!(svg.matches("class=\"m s0\"").count(), 10);
        assert!(svg.contains("viewBox=\"0 0 940 176\"") && svg.contains("&lt;e&gt;"), "{svg}");
    }
}
