//! What all charts of a page have in common: the frame with its words, marks and legend.

use clinic_core::plain::plain;
use maud::{Markup, html};

use super::text::{px, room};

/// Characters of a title or description at most.
const LONGEST: usize = 600;

/// What a chart is, in words.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// Unique in the page.
    pub id: &'a str,
    /// The title, which screen readers say.
    pub title: &'a str,
    /// What there is to see, in a sentence or two.
    pub desc: &'a str,
}

/// The SVG element with its title and description.
pub(super) fn svg(about: About<'_>, width: f64, height: f64, body: Markup) -> Markup {
    let (title, desc) = (format!("{}-t", about.id), format!("{}-d", about.id));
    html! {
        svg id=(about.id) role="img" aria-labelledby={ (title) " " (desc) }
            viewBox={ "0 0 " (px(width)) " " (px(height)) }
            style={ "max-width:" (px(width * 1.12)) "px;min-width:" (px(width * 0.8)) "px" } {
            title id=(title) { (plain(about.title, LONGEST)) }
            desc id=(desc) { (plain(about.desc, LONGEST)) }
            (body)
        }
    }
}

/// How the marks of a series look, so that they can be told apart without their colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape(pub usize);

impl Shape {
    /// The path of the mark around a point; `r` is about its half width.
    pub(super) fn path(self, x: f64, y: f64, r: f64) -> String {
        let (x0, y0) = (px(x), px(y));
        let two = px(2.0 * r);
        match self.0 % 4 {
            0 => {
                let (left, r) = (px(x - r), px(r));
                format!("M{left} {y0}a{r} {r} 0 1 0 {two} 0a{r} {r} 0 1 0 -{two} 0z")
            }
            1 => format!("M{} {}h{two}v{two}h-{two}z", px(x - r), px(y - r)),
            2 => {
                let (half, tall, wide) = (px(1.2 * r), px(2.3 * r), px(2.4 * r));
                format!("M{x0} {}l{half} {tall}h-{wide}z", px(y - 1.3 * r))
            }
            _ => {
                let d = px(1.35 * r);
                format!("M{x0} {}l{d} {d}l-{d} {d}l-{d} -{d}z", px(y - 1.35 * r))
            }
        }
    }
}

/// Marks and names of series in a line.
pub(super) fn legend(names: &[String], x: f64, y: f64) -> Markup {
    let places = names.iter().scan(x, |left, name| {
        let place = *left;
        *left += 32.0 + room(name);
        Some(place)
    });
    html! {
        @for (i, (name, left)) in names.iter().zip(places).enumerate() {
            path class={ "m s" (i) } d=(Shape(i).path(left + 4.0, y - 4.0, 3.6)) {}
            text x=(px(left + 13.0)) y=(px(y)) { (name) }
        }
    }
}
