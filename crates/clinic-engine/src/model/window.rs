//! Whether a server reads a text whole. OpenAI's protocol has no word for it and some servers cut
//! in silence, but they count the tokens that they read: a server that counts no more for a text
//! that is eight times as long has cut both.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Tokens that any embedding model reads.
const FLOOR: usize = 128;
/// Tokens that a model may put around a text.
const AROUND: usize = 8;
/// A smaller count, of a text that is longer than `FLOOR`, is no count.
const LEAST: usize = 16;

/// The most tokens that a server was seen to read of one text.
pub(super) struct Window(AtomicUsize);

/// What one text's count says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// It was read whole.
    Whole,
    /// It may have been cut; the count of a longer text will tell.
    Doubtful,
}

impl Window {
    pub fn new() -> Self {
        Self(AtomicUsize::new(FLOOR))
    }

    /// Whether a text is read whole for sure, since it has no more tokens than bytes.
    pub fn holds(&self, text: &str) -> bool {
        text.len().saturating_add(AROUND) <= self.0.load(Relaxed)
    }

    /// Judges by the count that came with a text's vector.
    pub fn judge(&self, read: Option<usize>) -> Seen {
        match read.filter(|read| *read >= LEAST) {
            Some(read) if read >= self.0.load(Relaxed) => Seen::Doubtful,
            Some(_) => Seen::Whole,
            None => {
                self.open();
                Seen::Whole
            }
        }
    }

    /// A text that has much more tokens than this one.
    pub fn longer(text: &str) -> String {
        [text; 8].join(" ")
    }

    /// Judges by the count of the longer text.
    pub fn compare(&self, read: Option<usize>, longer: Option<usize>) -> Result<(), String> {
        match (read, longer) {
            (Some(read), Some(longer)) if longer > read => {
                self.0.fetch_max(longer, Relaxed);
                Ok(())
            }
            (Some(read), Some(_)) => Err(format!("the server read only {read} tokens of the text")),
            _ => {
                self.open();
                Ok(())
            }
        }
    }

    /// The server refuses what is too long, or gives no counts to tell by.
    pub fn open(&self) {
        self.0.store(usize::MAX, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_embedder_that_counts_no_more_for_more_has_cut() {
        let window = Window::new();
        assert!(window.holds(&"a".repeat(120)) && !window.holds(&"a".repeat(121)));
        assert_eq!(window.judge(Some(100)), Seen::Whole);
        assert_eq!(window.judge(Some(300)), Seen::Doubtful);
        assert!(window.compare(Some(300), Some(512)).is_ok());
        assert!(window.holds(&"a".repeat(504)) && !window.holds(&"a".repeat(505)));
        assert_eq!(window.judge(Some(500)), Seen::Whole);
        assert_eq!(window.judge(Some(512)), Seen::Doubtful);
        assert!(window.compare(Some(512), Some(512)).unwrap_err().contains("512"));
        assert_eq!(window.judge(None), Seen::Whole);
        assert!(window.holds(&"a".repeat(1 << 20)), "without counts there is nothing to tell by");
    }
}
