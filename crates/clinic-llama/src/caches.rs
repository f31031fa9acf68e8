//! What the places' caches hold of earlier prompts, and where the next prompt is read.
//!
//! A prompt is cut into pieces at fixed positions. A whole piece is computed in the same shape
//! whatever follows it, so its keys and values are the same numbers in every prompt that begins
//! with the same tokens. Only such pieces are kept; what was written after them is not, because
//! answers are computed in another shape.

use std::cmp::Reverse;

use llama_cpp_2::token::LlamaToken;

/// Prompt tokens computed at once: on a processor 64 are as fast as 512, a GPU wants many.
pub(crate) const PIECE: usize =
    if cfg!(any(feature = "cuda", feature = "metal", feature = "vulkan")) { 512 } else { 64 };

/// The kept tokens of every place.
pub(crate) struct Caches {
    places: Vec<Kept>,
    /// Whether anything is kept at all.
    shares: bool,
    clock: u64,
}

#[derive(Clone, Default)]
struct Kept {
    /// Whole pieces from a prompt's beginning.
    tokens: Vec<LlamaToken>,
    /// When they were last of use.
    used: u64,
}

/// Where a prompt is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) place: usize,
    /// The place whose cache is copied first.
    pub(crate) copied: Option<usize>,
    /// Tokens that need not be computed.
    pub(crate) shared: usize,
}

impl Caches {
    pub(crate) fn new(places: usize, shares: bool) -> Self {
        Self { places: vec![Kept::default(); places], shares, clock: 0 }
    }

    /// Places in all.
    pub(crate) fn places(&self) -> usize {
        self.places.len()
    }

    /// The free place that spares most, the longest unused of equals. A place that is taken and
    /// spares more is copied.
    pub(crate) fn start(
        &self,
        prompt: &[LlamaToken],
        is_free: impl Fn(usize) -> bool,
    ) -> Option<Start> {
        let free = || (0..self.places.len()).filter(|&place| is_free(place));
        let unused = |place: &usize| Reverse((self.places[*place].used, *place));
        let shared = |place: &usize| self.shared(*place, prompt);
        let best = free().max_by_key(|p| (shared(p), unused(p)))?;
        let donor = (0..self.places.len()).max_by_key(shared)?;
        if shared(&donor) > shared(&best) {
            let place = free().max_by_key(unused)?;
            return Some(Start { place, copied: Some(donor), shared: shared(&donor) });
        }
        Some(Start { place: best, copied: None, shared: shared(&best) })
    }

    /// Tokens of whole pieces that a place holds of a prompt; its last token is never among them,
    /// because what follows it must be computed.
    fn shared(&self, place: usize, prompt: &[LlamaToken]) -> usize {
        let pairs = self.places[place].tokens.iter().zip(&prompt[..prompt.len().saturating_sub(1)]);
        whole(pairs.take_while(|(kept, token)| kept == token).count())
    }

    /// A place has read a prompt.
    pub(crate) fn keep(&mut self, place: usize, prompt: &[LlamaToken]) {
        self.clock += 1;
        let tokens = if self.shares { &prompt[..whole(prompt.len())] } else { &[] };
        self.places[place] = Kept { tokens: tokens.to_vec(), used: self.clock };
    }

    /// Nothing that a place holds can be relied on.
    pub(crate) fn forget(&mut self, place: usize) {
        self.places[place] = Kept::default();
    }

    /// Tokens that a place keeps.
    pub(crate) fn kept(&self, place: usize) -> usize {
        self.places[place].tokens.len()
    }
}

fn whole(tokens: usize) -> usize {
    tokens / PIECE * PIECE
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A prompt of as many pieces as there are numbers, and a few tokens more.
    fn prompt(pieces: &[i32], more: usize) -> Vec<LlamaToken> {
        let whole = pieces.iter().flat_map(|&number| vec![LlamaToken(number); PIECE]);
        whole.chain(vec![LlamaToken(99); more]).collect()
    }

    fn started(
        caches: &Caches,
        prompt: &[LlamaToken],
        free: &[usize],
    ) -> Option<(usize, Option<usize>, usize)> {
        let start = caches.start(prompt, |place| free.contains(&place))?;
        Some((start.place, start.copied, start.shared / PIECE))
    }

    #[test]
    fn a_prompt_goes_where_most_of_it_is_kept() {
        let mut caches = Caches::new(3, true);
        caches.keep(0, &prompt(&[1, 2], 5));
        caches.keep(1, &prompt(&[1, 2, 3], 0));
        assert_eq!(started(&caches, &prompt(&[1, 2, 3, 4], 1), &[0, 1, 2]), Some((1, None, 3)));
        assert_eq!(started(&caches, &prompt(&[1, 2, 4], 1), &[0, 1, 2]), Some((0, None, 2)));
        assert_eq!(started(&caches, &prompt(&[7], 1), &[0, 1, 2]), Some((2, None, 0)));
        assert_eq!(started(&caches, &prompt(&[7], 1), &[0, 1]), Some((0, None, 0)));
        assert_eq!(started(&caches, &prompt(&[1], 1), &[]), None);
    }

    #[test]
    fn a_taken_place_that_spares_more_is_copied_to_the_longest_unused() {
        let mut caches = Caches::new(3, true);
        caches.keep(2, &prompt(&[8], 0));
        caches.keep(0, &prompt(&[1, 2], 0));
        caches.keep(1, &prompt(&[1], 9));
        assert_eq!(started(&caches, &prompt(&[1, 2], 1), &[1, 2]), Some((2, Some(0), 2)));
        assert_eq!(started(&caches, &prompt(&[1, 7], 1), &[1, 2]), Some((1, None, 1)));
    }

    #[test]
    fn the_last_token_is_always_computed() {
        let mut caches = Caches::new(1, true);
        caches.keep(0, &prompt(&[1, 2], 3));
        assert_eq!(caches.kept(0), 2 * PIECE);
        assert_eq!(started(&caches, &prompt(&[1, 2], 0), &[0]), Some((0, None, 1)));
        assert_eq!(started(&caches, &prompt(&[1, 2], 1), &[0]), Some((0, None, 2)));
        // One token that differs costs its whole piece.
        let mut other = prompt(&[1, 2], 1);
        other[2 * PIECE - 1] = LlamaToken(7);
        assert_eq!(started(&caches, &other, &[0]), Some((0, None, 1)));
    }

    #[test]
    fn nothing_is_kept_after_a_failure_or_where_it_would_not_be_exact() {
        let mut caches = Caches::new(1, true);
        caches.keep(0, &prompt(&[1], 1));
        caches.forget(0);
        assert_eq!(
            (caches.kept(0), started(&caches, &prompt(&[1], 1), &[0])),
            (0, Some((0, None, 0)))
        );
        let mut off = Caches::new(1, false);
        off.keep(0, &prompt(&[1], 1));
        assert_eq!(off.kept(0), 0);
    }
}
