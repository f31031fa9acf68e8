//! From an item's text to the prompt that a model gets.

use crate::task::Task;

/// Names in braces, in order: `{question}` gives `question`.
pub fn placeholders(frame: &str) -> impl Iterator<Item = &str> {
    pieces(frame).filter_map(|piece| match piece {
        Piece::Name(name) => Some(name),
        Piece::Text(_) => None,
    })
}

enum Piece<'a> {
    Text(&'a str),
    Name(&'a str),
}

/// Splits a frame in one pass, so that braces inside an item's text are never looked at.
fn pieces(frame: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = frame;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let name = |s: &str| !s.is_empty() && s.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        if let Some(inner) = rest.strip_prefix('{')
            && let Some((found, after)) = inner.split_once('}')
            && name(found)
        {
            rest = after;
            return Some(Piece::Name(found));
        }
        let skip = rest.chars().next().map_or(0, char::len_utf8);
        let end = rest[skip..].find('{').map_or(rest.len(), |i| i + skip);
        let (text, after) = rest.split_at(end);
        rest = after;
        Some(Piece::Text(text))
    })
}

/// The prompt of one variant, without outer white space.
///
/// Gives the name of the placeholder that has no text in this language, where one is missing.
pub fn render(task: &Task, language: &str, question: &str) -> Result<String, String> {
    let mut prompt = String::new();
    for piece in pieces(&task.prompt.frame) {
        prompt.push_str(match piece {
            Piece::Text(text) => text,
            Piece::Name("question") => question,
            Piece::Name(name) => task
                .prompt
                .texts
                .get(name)
                .and_then(|texts| texts.get(language))
                .ok_or_else(|| name.to_owned())?,
        });
    }
    Ok(prompt.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::Library;

    #[test]
    fn braces_in_an_item_are_left_alone() {
        let library = Library::builtin().unwrap();
        let task = library.find("hallucination-fct").unwrap();
        let prompt = render(task, "en", "Is {instruction} a drug? {question}").unwrap();
        assert!(prompt.contains("Is {instruction} a drug? {question}"), "{prompt}");
        assert!(prompt.ends_with("Answer:"), "{prompt}");
    }

    #[test]
    fn a_missing_text_is_named() {
        let library = Library::builtin().unwrap();
        let task = library.find("hallucination-fct").unwrap();
        assert_eq!(render(task, "xx", "q").unwrap_err(), "instruction");
    }

    #[test]
    fn a_lone_brace_is_text() {
        let names: Vec<_> = placeholders("{ {a} {b c} {question}{").collect();
        assert_eq!(names, ["a", "question"]);
    }
}
