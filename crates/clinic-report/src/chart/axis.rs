//! A linear axis with round ticks.

/// Where values lie.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Value at the left or lower end.
    pub from: f64,
    /// Value at the other end; larger than `from`.
    pub to: f64,
    /// Values that get a line and a number.
    pub ticks: Vec<f64>,
}

impl Axis {
    /// 0 to 1.
    pub fn unit() -> Self {
        Self { from: 0.0, to: 1.0, ticks: vec![0.0, 0.25, 0.5, 0.75, 1.0] }
    }

    /// 0 to 1 with three ticks, for narrow panels.
    pub fn narrow() -> Self {
        Self { from: 0.0, to: 1.0, ticks: vec![0.0, 0.5, 1.0] }
    }

    /// Around zero, as wide on both sides as the largest of the values asks for, up to 1.
    pub fn around_zero(values: impl Iterator<Item = f64>) -> Self {
        const STEPS: [f64; 4] = [0.05, 0.1, 0.25, 0.5];
        let most = values.filter(|v| v.is_finite()).fold(0.0, |most: f64, v| most.max(v.abs()));
        let step = STEPS.into_iter().find(|step| most <= 2.0 * step).unwrap_or(0.5);
        let ticks = [-2.0, -1.0, 0.0, 1.0, 2.0].map(|i| i * step).to_vec();
        Self { from: -2.0 * step, to: 2.0 * step, ticks }
    }

    /// From 0 to a round number that holds all of the values.
    pub fn from_zero(values: impl Iterator<Item = f64>) -> Self {
        const ENDS: [f64; 4] = [0.1, 0.2, 0.5, 1.0];
        let most = values.filter(|v| v.is_finite()).fold(0.0, f64::max);
        let to = ENDS.into_iter().find(|end| most <= *end).unwrap_or(1.0);
        Self { from: 0.0, to, ticks: vec![0.0, to / 2.0, to] }
    }

    /// The share of the way from one end to the other, kept between 0 and 1.
    pub(super) fn share(&self, value: f64) -> f64 {
        ((value - self.from) / (self.to - self.from)).clamp(0.0, 1.0)
    }

    /// Whether a value lies on the axis.
    pub(super) fn holds(&self, value: f64) -> bool {
        (self.from..=self.to).contains(&value)
    }
}

/// A tick's number, without zeros that say nothing.
pub(super) fn tick(value: f64) -> String {
    let text = super::number(value);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_hold_the_values() {
        assert_eq!(Axis::around_zero([0.07, -0.02].into_iter()).to, 0.1);
        assert_eq!(Axis::around_zero([0.3, f64::NAN].into_iter()).from, -0.5);
        assert_eq!(Axis::around_zero(std::iter::empty()).to, 0.1);
        assert_eq!(Axis::around_zero([7.0].into_iter()).to, 1.0);
        assert_eq!(Axis::from_zero([0.03].into_iter()).ticks, [0.0, 0.05, 0.1]);
        assert_eq!(Axis::from_zero([3.0].into_iter()).to, 1.0);
        assert_eq!([0.0, 0.25, 0.5, 1.0, -0.1].map(tick), ["0", "0.25", "0.5", "1", "−0.1"]);
    }

    #[test]
    fn what_is_beyond_the_axis_stays_at_its_end() {
        let axis = Axis::around_zero([0.1].into_iter());
        assert_eq!((axis.share(-5.0), axis.share(0.0), axis.share(9.0)), (0.0, 0.5, 1.0));
        assert!(axis.holds(0.1) && !axis.holds(0.11));
    }
}
