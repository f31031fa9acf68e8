//! Charts as SVG: pure functions of plain numbers, each with a title and a description for screen
//! readers. Colours are classes, which the page sets for light, dark and paper; nothing is told by
//! colour alone. Design: `docs/report.md`.

mod axis;
mod bars;
mod dots;
mod frame;
mod radar;
mod scatter;
mod stack;
mod text;

pub use axis::Axis;
pub use bars::{Bar, bars};
pub use dots::{Dots, Mark, Panel, Row, dots};
pub use frame::{About, Shape};
pub use radar::{Radar, radars};
pub use scatter::{Point, Scatter, scatter};
pub use stack::{Stack, StackRow, stack};

/// A number and its 95 % interval, as charts draw them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// Both ends, where there are any.
    pub interval: Option<(f64, f64)>,
}

impl std::fmt::Display for Estimate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&text::number(self.value))?;
        match self.interval {
            Some((low, high)) => write!(f, " ({} to {})", text::number(low), text::number(high)),
            None => Ok(()),
        }
    }
}

pub use text::{number, range};
