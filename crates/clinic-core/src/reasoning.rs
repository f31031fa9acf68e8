//! Reasoning models think aloud before they answer: what is thought, and what is the answer.

/// A response in two parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// What comes after the reasoning, without outer white space; `None` where the model was cut
    /// off inside its reasoning.
    pub answer: Option<String>,
    /// What was thought.
    pub reasoning: Option<String>,
}

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// Splits a response at the last `</think>`, whether or not `<think>` came before it.
pub fn split(text: &str) -> Parts {
    let trimmed = |text: &str| Some(text.trim().to_owned());
    let thought = |text: &str| trimmed(&without_tags(text));
    if let Some((reasoning, answer)) = text.rsplit_once(CLOSE) {
        return match answer.split_once(OPEN) {
            None => Parts { answer: trimmed(answer), reasoning: thought(reasoning) },
            // What is written after an answer was not thought before it: it is shown, so it counts.
            Some((before, _)) if !before.trim().is_empty() => {
                Parts { answer: thought(answer), reasoning: thought(reasoning) }
            }
            Some((_, more)) => {
                Parts { answer: None, reasoning: thought(&format!("{reasoning}\n{more}")) }
            }
        };
    }
    match text.trim_start().strip_prefix(OPEN) {
        Some(reasoning) => Parts { answer: None, reasoning: thought(reasoning) },
        None => Parts { answer: thought(text), reasoning: None },
    }
}

/// A text without tags, also those that come about when others are taken out of them.
fn without_tags(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for c in text.chars() {
        kept.push(c);
        for tag in [OPEN, CLOSE] {
            if kept.ends_with(tag) {
                kept.truncate(kept.len() - tag.len());
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts(text: &str) -> (Option<String>, Option<String>) {
        let parts = split(text);
        (parts.answer, parts.reasoning)
    }

    #[test]
    fn reasoning_is_told_from_the_answer() {
        let some = |s: &str| Some(s.to_owned());
        for (text, answer, reasoning) in [
            (" B ", some("B"), None),
            ("<think>so</think> B", some("B"), some("so")),
            ("so</think>B", some("B"), some("so")),
            ("<think>a<think>b</think>c</think>B", some("B"), some("abc")),
            ("<think>never ends", None, some("never ends")),
            ("<think>a</think><think>b", None, some("a\nb")),
            ("<think>a</think>B <think>b", some("B b"), some("a")),
            ("B <think>wait", some("B wait"), None),
            ("<<think>think>B", some("B"), None),
            ("<</think>think>a</think>B", some("B"), some("a")),
        ] {
            assert_eq!(parts(text), (answer, reasoning), "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_answer_never_holds_a_tag(pieces in prop::collection::vec(
            prop_oneof![
                Just("<think>".to_owned()), Just("</think>".to_owned()), Just("<".to_owned()),
                Just("think>".to_owned()), Just("/".to_owned()), "[a-z ]{0,4}"], 0..12)
        ) {
            let answer = split(&pieces.concat()).answer.unwrap_or_default();
            prop_assert!(!answer.contains(OPEN) && !answer.contains(CLOSE), "{answer}");
        }
    }
}
