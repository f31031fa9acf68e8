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

/// Tells reasoning from the answer.
///
/// Reasoning is what stands first: from `<think>` to the `</think>` that closes it, or, where the chat
/// template has opened it, up to the last `</think>`. What comes after an answer has begun is shown to
/// whoever reads it, so it is part of the answer, tags or not.
pub fn split(text: &str) -> Parts {
    let kept = |text: &str| Some(without_tags(text).trim().to_owned());
    let begun = text.trim_start();
    if let Some(mut rest) = begun.strip_prefix(OPEN) {
        let mut thought: Vec<&str> = Vec::new();
        loop {
            let Some((reasoning, after)) = closed(rest).or_else(|| rest.rsplit_once(CLOSE)) else {
                thought.push(rest);
                return Parts { answer: None, reasoning: kept(&thought.join("\n")) };
            };
            thought.push(reasoning);
            match after.trim_start().strip_prefix(OPEN) {
                Some(more) => rest = more,
                None => {
                    return Parts { answer: kept(after), reasoning: kept(&thought.join("\n")) };
                }
            }
        }
    }
    // Without an opening tag of its own, a closing one says that the template has opened.
    if text.matches(CLOSE).count() > text.matches(OPEN).count()
        && let Some((reasoning, answer)) = text.rsplit_once(CLOSE)
    {
        return Parts { answer: kept(answer), reasoning: kept(reasoning) };
    }
    Parts { answer: kept(text), reasoning: None }
}

/// Splits at the tag that closes what was opened before the text, blocks within it aside.
fn closed(text: &str) -> Option<(&str, &str)> {
    let (mut depth, mut at) = (1, 0);
    loop {
        let rest = &text[at..];
        let close = rest.find(CLOSE)?;
        match rest.find(OPEN).filter(|open| *open < close) {
            Some(open) => {
                depth += 1;
                at += open + OPEN.len();
            }
            None => {
                depth -= 1;
                if depth == 0 {
                    return Some((&text[..at + close], &text[at + close + CLOSE.len()..]));
                }
                at += close + CLOSE.len();
            }
        }
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
            // One block that is never closed, quoted within another.
            ("<think>a <think> b</think>B", some("B"), some("a  b")),
            ("<think>a</think> <think>b</think>B", some("B"), some("a\nb")),
            // What comes after an answer is shown, and counts.
            ("The answer is C. <think>B</think>", some("The answer is C. B"), None),
            ("<think>x</think>C.<think>y</think> Or D", some("C.y Or D"), some("x")),
            ("<think>a</think>B</think>C", some("BC"), some("a")),
            ("a</think>b</think>B", some("B"), some("ab")),
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
