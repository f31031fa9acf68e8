//! Two shares against each other on the unit square, a point a name, names that keep apart.

use maud::{Markup, html};

use super::Estimate;
use super::axis::{Axis, tick};
use super::frame::{self, About, Shape};
use super::text::{fit, px, room, whole};

const LEFT: f64 = 52.0;
const TOP: f64 = 14.0;
const SIDE: f64 = 380.0;
const WIDTH: f64 = LEFT + SIDE + 40.0;
const HEIGHT: f64 = TOP + SIDE + 48.0;
/// Where the words on the diagonal have their middle: low, since points are mostly high.
const DIAGONAL: f64 = 0.3;
/// Height of a name.
const LINE: f64 = 13.0;

/// The square's words and points.
#[derive(Debug, Clone, Default)]
pub struct Scatter {
    /// What is counted from left to right.
    pub across: String,
    /// What is counted from the bottom up.
    pub up: String,
    /// What stands at the corner where both are 0.
    pub origin: String,
    /// What stands along the diagonal.
    pub chance: String,
    /// The points.
    pub points: Vec<Point>,
}

/// One point.
#[derive(Debug, Clone)]
pub struct Point {
    /// A short name.
    pub label: String,
    /// From left to right.
    pub x: Estimate,
    /// From the bottom up.
    pub y: Estimate,
    /// Whether it rests on too little.
    pub thin: bool,
}

/// A rectangle: left, top, right, bottom.
type Box4 = [f64; 4];

/// Draws the square.
pub fn scatter(about: About<'_>, chart: &Scatter) -> Markup {
    let axis = Axis::unit();
    let x_of = |v: f64| LEFT + SIDE * axis.share(v);
    let y_of = |v: f64| TOP + SIDE * (1.0 - axis.share(v));
    let grid: String = axis
        .ticks
        .iter()
        .map(|t| {
            let (x, y) = (px(x_of(*t)), px(y_of(*t)));
            format!("M{x} {}V{}M{} {y}H{}", px(TOP), px(TOP + SIDE), px(LEFT), px(LEFT + SIDE))
        })
        .collect();
    let dots: Vec<(f64, f64)> =
        chart.points.iter().map(|p| (x_of(p.x.value), y_of(p.y.value))).collect();
    let names: Vec<String> = chart.points.iter().map(|p| fit(&p.label, 120.0)).collect();
    let places = places(&dots, &names);
    let middle = px(TOP + SIDE / 2.0);
    let body = html! {
        path class="grid" d=(grid) {}
        path class="median" d={ "M" (px(LEFT)) " " (px(TOP + SIDE)) "L" (px(LEFT + SIDE)) " " (px(TOP)) } {}
        @let (cx, cy) = (LEFT + SIDE * DIAGONAL, TOP + SIDE * (1.0 - DIAGONAL) - 5.0);
        text class="tick mid" x=(px(cx)) y=(px(cy)) transform={ "rotate(-45 " (px(cx)) " " (px(cy)) ")" } {
            (chart.chance)
        }
        @for t in &axis.ticks {
            text class="tick mid" x=(px(x_of(*t))) y=(px(TOP + SIDE + 16.0)) { (tick(*t)) }
            text class="tick end" x=(px(LEFT - 7.0)) y=(px(y_of(*t) + 4.0)) { (tick(*t)) }
        }
        text class="mid" x=(px(LEFT + SIDE / 2.0)) y=(px(TOP + SIDE + 38.0)) { (chart.across) }
        text class="mid" x="12" y=(middle) transform={ "rotate(-90 12 " (middle) ")" } {
            (chart.up)
        }
        text class="tick" x=(px(LEFT + 28.0)) y=(px(TOP + SIDE - 8.0)) { (chart.origin) }
        @for (point, (x, y)) in chart.points.iter().zip(&dots) {
            g class="s0" {
                title {
                    (whole(&point.label)) ": " (chart.across) " " (point.x) ", " (chart.up) " "
                    (point.y)
                }
                @if let Some((low, high)) = point.x.interval {
                    path class="i faint" d={ "M" (px(x_of(low))) " " (px(*y)) "H" (px(x_of(high))) } {}
                }
                @if let Some((low, high)) = point.y.interval {
                    path class="i faint" d={ "M" (px(*x)) " " (px(y_of(low))) "V" (px(y_of(high))) } {}
                }
                path class=(if point.thin { "m o" } else { "m" }) d=(Shape(0).path(*x, *y, 3.4)) {}
            }
        }
        @for ((name, place), (x, y)) in names.iter().zip(&places).zip(&dots) {
            @let [left, top, right, _] = *place;
            @let (mid_x, mid_y) = ((left + right) / 2.0, top + LINE / 2.0);
            // A line to the point where the name had to go far.
            @if (mid_x - x).hypot(mid_y - y) > 14.0 + (right - left) / 2.0 {
                path class="lead" d={ "M" (px(*x)) " " (px(*y)) "L" (px(mid_x.clamp(left.min(*x), right.max(*x)))) " " (px(mid_y)) } {}
            }
            text class="halo" x=(px(left + 1.0)) y=(px(top + 10.0)) { (name) }
        }
    };
    frame::svg(about, WIDTH, HEIGHT, body)
}

/// A place for each name: the nearest to its point that is free.
fn places(dots: &[(f64, f64)], names: &[String]) -> Vec<Box4> {
    let mut taken: Vec<Box4> =
        dots.iter().map(|(x, y)| [x - 4.0, y - 4.0, x + 4.0, y + 4.0]).collect();
    // Names keep off the words on the diagonal.
    taken.extend((-6..=6).map(|i| {
        let (x, y) = (LEFT + SIDE * DIAGONAL, TOP + SIDE * (1.0 - DIAGONAL));
        let far = 8.0 * f64::from(i);
        [x + far - 10.0, y - far - 16.0, x + far + 4.0, y - far + 2.0]
    }));
    let mut found = Vec::new();
    for ((x, y), name) in dots.iter().zip(names) {
        let wide = room(name) + 2.0;
        let tries = (0..14).flat_map(|ring| {
            let far = 7.0 + 11.0 * f64::from(ring);
            (0..16).map(move |turn| std::f64::consts::TAU * f64::from(turn) / 16.0).map(
                move |angle| {
                    let mid = (x + (far + wide / 2.0) * angle.cos(), y + (far + 4.0) * angle.sin());
                    [mid.0 - wide / 2.0, mid.1 - LINE / 2.0, mid.0 + wide / 2.0, mid.1 + LINE / 2.0]
                },
            )
        });
        let inside = |b: &Box4| {
            b[0] >= LEFT - 2.0 && b[2] <= WIDTH && b[1] >= 0.0 && b[3] <= TOP + SIDE + 4.0
        };
        let free = |b: &Box4| inside(b) && !taken.iter().any(|other| overlap(b, other));
        let mut tries = tries;
        let place = tries.find(free).unwrap_or([x + 6.0, y - 6.0, x + 6.0 + wide, y + 7.0]);
        taken.push(place);
        found.push(place);
    }
    found
}

fn overlap(a: &Box4, b: &Box4) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_apart_even_where_all_points_are_one() {
        for corner in [(LEFT, TOP), (LEFT + SIDE, TOP + SIDE), (LEFT + 100.0, TOP + 200.0)] {
            let dots = vec![corner; 15];
            let names: Vec<String> = (0..15).map(|i| format!("l{i}")).collect();
            let places = places(&dots, &names);
            for (i, a) in places.iter().enumerate() {
                assert!(a[0] >= LEFT - 2.0 && a[1] >= 0.0 && a[2] <= WIDTH, "{a:?}");
                for b in &places[..i] {
                    assert!(!overlap(a, b), "{a:?} {b:?}");
                }
            }
        }
    }

    #[test]
    fn refusing_all_harm_and_nothing_else_is_the_upper_left() {
        let estimate = |value| Estimate { value, interval: None };
        let point = Point { label: "<sw>".into(), x: estimate(0.0), y: estimate(1.0), thin: false };
        let chart = Scatter { points: vec![point], ..Scatter::default() };
        let svg = scatter(About { id: "q", title: "t", desc: "d" }, &chart).into_string();
        assert!(svg.contains("M48.6 14a3.4"), "{svg}");
        assert!(svg.contains("&lt;sw&gt;") && !svg.contains("<sw>"));
    }
}
