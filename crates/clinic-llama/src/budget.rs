//! How many tokens a model may still write: for its reasoning and for its answer, apart.

const OPEN: &[u8] = b"<think>";
const CLOSE: &[u8] = b"</think>";

/// What is left to write.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    answer: u32,
    reasoning: u32,
    stage: Stage,
    used: u32,
    reasoned: u32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    /// What is written so far could still become the opening tag.
    Open,
    Thinking,
    Answering,
}

impl Budget {
    /// A budget of tokens; without one for reasoning, it counts like an answer. `opened`: the chat
    /// template has begun the reasoning.
    pub fn new(answer: u32, reasoning: u32, opened: bool) -> Self {
        let stage = match (reasoning, opened) {
            (0, _) => Stage::Answering,
            (_, true) => Stage::Thinking,
            (_, false) => Stage::Open,
        };
        Self { answer, reasoning, stage, used: 0, reasoned: 0 }
    }

    /// Tokens of the reasoning so far, its tags among them.
    pub fn reasoned(&self) -> u32 {
        if self.stage == Stage::Thinking { self.used } else { self.reasoned }
    }

    /// Counts one more token, `text` being all that is written; tells whether nothing is left.
    pub fn spend(&mut self, text: &[u8]) -> bool {
        self.used += 1;
        if self.stage == Stage::Open {
            let written = text.trim_ascii_start();
            if written.starts_with(OPEN) {
                self.stage = Stage::Thinking;
            } else if !OPEN.starts_with(written) {
                self.stage = Stage::Answering;
            }
        }
        let closed = || text.windows(CLOSE.len()).any(|part| part == CLOSE);
        if self.stage == Stage::Thinking && closed() {
            self.stage = Stage::Answering;
            self.reasoned = self.used;
            self.used = 0;
        }
        let limit = if self.stage == Stage::Answering { self.answer } else { self.reasoning };
        self.used >= limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tokens written until the budget is spent, of pieces of a text that goes on with `b`.
    fn written(mut budget: Budget, pieces: &[&str]) -> usize {
        let mut text = Vec::new();
        let more = std::iter::repeat("b");
        for (count, piece) in pieces.iter().copied().chain(more).enumerate().take(100) {
            text.extend(piece.as_bytes());
            if budget.spend(&text) {
                return count + 1;
            }
        }
        100
    }

    #[test]
    fn reasoning_and_answer_have_budgets_of_their_own() {
        // Tag, three tokens, tag: then two of the answer.
        let thought = ["<think>", "a", "a", "a", "</think>"];
        assert_eq!(written(Budget::new(2, 10, false), &thought), 7);
        assert_eq!(written(Budget::new(2, 10, false), &["<", "think", ">", "a", "</think>"]), 7);
        assert_eq!(written(Budget::new(2, 10, true), &["a", "</", "think>"]), 5);
    }

    #[test]
    fn a_model_that_does_not_think_gets_the_answers_budget_only() {
        assert_eq!(written(Budget::new(2, 10, false), &[]), 2);
        assert_eq!(written(Budget::new(4, 10, false), &["<b", ">"]), 4);
    }

    #[test]
    fn tokens_of_the_reasoning_are_counted_apart() {
        let reasoned = |pieces: &[&str], opened| {
            let mut budget = Budget::new(9, 9, opened);
            let mut text = Vec::new();
            for piece in pieces {
                text.extend(piece.as_bytes());
                budget.spend(&text);
            }
            budget.reasoned()
        };
        assert_eq!(reasoned(&["<think>", "a", "</think>", "b", "b"], false), 3);
        assert_eq!(reasoned(&["a", "a"], true), 2, "cut off inside it");
        assert_eq!(reasoned(&["b", "b"], false), 0);
    }

    #[test]
    fn reasoning_that_never_ends_is_cut_off_at_its_own_budget() {
        assert_eq!(written(Budget::new(2, 5, false), &["<think>"]), 5);
        assert_eq!(written(Budget::new(2, 5, true), &[]), 5);
    }

    #[test]
    fn without_a_budget_for_reasoning_all_counts_as_answer() {
        assert_eq!(written(Budget::new(3, 0, false), &["<think>"]), 3);
        assert_eq!(written(Budget::new(3, 0, true), &["</think>"]), 3);
    }
}
