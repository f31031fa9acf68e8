//! How many requests may be in flight at an endpoint. Pure: told what happens, it gives a number.

/// Where a window of unknown size begins.
pub(super) const FIRST: usize = 10;

/// Tokens added to each answer: what an answer takes before its first token, and between.
const AHEAD: f64 = 50.0;

/// So many times slower than at its best, an endpoint has too much to do.
const SLOW: f64 = 3.0;

/// What the best pace is let slip by, a window's worth of answers.
const SLIP: f64 = 1.05;

/// Fewer answers than these tell nothing of the pace.
const LEAST: usize = 8;

/// A window that adapts, or a fixed one.
#[derive(Debug)]
pub(super) struct Window {
    limit: f64,
    most: usize,
    fixed: bool,
    /// Whether the right size is still being found out.
    growing: bool,
    /// What was sent before this one says nothing new about being too fast.
    since: u64,
    /// Seconds a token of the answers since the last look, and at best.
    paces: Vec<f64>,
    best: Option<f64>,
}

impl Window {
    /// A window that begins at `first` and never passes `most`.
    pub fn new(first: usize, most: usize) -> Self {
        let most = most.max(1);
        let limit = first.clamp(1, most) as f64;
        Self { limit, most, fixed: false, growing: true, since: 0, paces: Vec::new(), best: None }
    }

    /// A window of one size.
    pub fn fixed(size: usize) -> Self {
        Self { fixed: true, ..Self::new(size, size) }
    }

    /// Requests that may be in flight.
    pub fn size(&self) -> usize {
        (self.limit as usize).clamp(1, self.most)
    }

    /// The most that it may become.
    pub fn most(&self) -> usize {
        self.most
    }

    /// An answer came after so many seconds with so many tokens; `full`: every place was taken.
    pub fn answered(&mut self, seconds: f64, tokens: u64, full: bool) {
        if self.fixed {
            return;
        }
        if full {
            self.limit += if self.growing { 1.0 } else { 1.0 / self.limit };
            self.limit = self.limit.min(self.most as f64);
        }
        self.paces.push(seconds / (AHEAD + tokens as f64));
        if self.paces.len() >= self.size().max(LEAST) {
            self.look();
        }
    }

    /// Compares the pace of the last answers with the best one.
    fn look(&mut self) {
        self.paces.sort_by(f64::total_cmp);
        let median = self.paces[self.paces.len() / 2];
        self.paces.clear();
        let best = self.best.map_or(median, |best| median.min(best * SLIP));
        if median > SLOW * best {
            self.limit = (self.limit * 0.9).max(1.0);
            self.growing = false;
        }
        self.best = Some(best);
    }

    /// The endpoint turned request number `sent` away, `next` being the number of the next one.
    pub fn turned_away(&mut self, sent: u64, next: u64) {
        if self.fixed || sent < self.since {
            return;
        }
        self.limit = (self.limit / 2.0).max(1.0);
        self.growing = false;
        self.since = next;
        self.paces.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers of a full window, a round trip long.
    fn round(window: &mut Window, seconds: f64) {
        for _ in 0..window.size() {
            window.answered(seconds, 0, true);
        }
    }

    #[test]
    fn it_doubles_in_a_round_trip_until_it_is_cut_and_then_grows_by_one() {
        let mut window = Window::new(FIRST, 100);
        round(&mut window, 0.1);
        assert_eq!(window.size(), 20);
        round(&mut window, 0.1);
        assert_eq!(window.size(), 40);
        window.turned_away(70, 90);
        assert_eq!(window.size(), 20);
        round(&mut window, 0.1);
        assert_eq!(window.size(), 20, "just below 21");
        round(&mut window, 0.1);
        assert_eq!(window.size(), 21);
        for _ in 0..2_000 {
            round(&mut window, 0.1);
        }
        assert_eq!(window.size(), 100);
    }

    #[test]
    fn refusals_of_one_round_trip_cut_once() {
        let mut window = Window::new(80, 100);
        for sent in 0..80 {
            window.turned_away(sent, 80);
        }
        assert_eq!(window.size(), 40);
        window.turned_away(80, 120);
        assert_eq!(window.size(), 20);
        for sent in 120..200 {
            window.turned_away(sent, sent + 1);
        }
        assert_eq!(window.size(), 1, "never none");
    }

    #[test]
    fn a_window_that_is_not_full_does_not_grow() {
        let mut window = Window::new(FIRST, 100);
        for _ in 0..50 {
            window.answered(0.1, 0, false);
        }
        assert_eq!(window.size(), FIRST);
    }

    #[test]
    fn rising_latency_narrows_it_and_longer_answers_do_not() {
        let mut window = Window::new(40, 40);
        round(&mut window, 1.0);
        for _ in 0..40 {
            window.answered(10.0, 600, true);
        }
        assert_eq!(window.size(), 40, "a token takes as long as before");
        round(&mut window, 5.0);
        assert_eq!(window.size(), 36);
        round(&mut window, 5.0);
        assert!(window.size() < 36);
    }

    #[test]
    fn a_provider_that_has_become_slower_for_good_is_not_punished_for_ever() {
        let mut window = Window::new(40, 40);
        round(&mut window, 1.0);
        for _ in 0..300 {
            round(&mut window, 5.0);
        }
        assert_eq!(window.size(), 40);
    }

    #[test]
    fn a_fixed_window_never_moves() {
        let mut window = Window::fixed(16);
        round(&mut window, 9.0);
        window.turned_away(1, 2);
        assert_eq!(window.size(), 16);
    }
}
