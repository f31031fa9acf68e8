//! The model's own chat template (Jinja, from the GGUF), applied to placeholders rather than to the
//! messages themselves, so that what the template writes and what somebody said stay apart.

use clinic_core::exchange::{Message, Role};
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind, context};
use minijinja_contrib::pycompat::unknown_method_callback;

/// A stretch of a laid-out prompt.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// Written by the template: control tokens are meant.
    Template(&'a str),
    /// Said by somebody: nothing in it is a control token.
    Content(&'a str),
}

/// Stands before and after a placeholder's number; private-use characters that no template holds.
const OPEN: char = '\u{E000}';
const CLOSE: char = '\u{E001}';
/// White space around a placeholder shows whether the template trims what is said. Rare, so that
/// it cannot be mistaken for the template's own.
const EDGE: char = '\u{2003}';

/// The template's output for these messages, with a placeholder for each content.
pub(crate) fn lay_out(
    template: &str,
    messages: &[Message],
    bos: &str,
    eos: &str,
) -> Result<String, Error> {
    let mut environment = Environment::new();
    // As transformers sets Jinja up.
    let mut syntax = SyntaxConfig::builder();
    environment.set_syntax(syntax.trim_blocks(true).lstrip_blocks(true).build()?);
    environment.set_unknown_method_callback(unknown_method_callback);
    environment.add_function("raise_exception", |message: String| -> Result<String, Error> {
        Err(Error::new(ErrorKind::InvalidOperation, message))
    });
    let messages: Vec<_> = messages.iter().enumerate().map(placeholder).collect();
    environment.render_str(
        template,
        context! { messages, bos_token => bos, eos_token => eos, add_generation_prompt => true },
    )
}

fn placeholder((index, message): (usize, &Message)) -> minijinja::Value {
    let role = match message.role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    // A template may leave out an empty message, which a placeholder would hide.
    let content = match message.content.is_empty() {
        true => String::new(),
        false => format!("{EDGE}{OPEN}{index}{CLOSE}{EDGE}"),
    };
    context! { role, content }
}

/// Puts the messages in the place of their placeholders.
pub(crate) fn parts<'a>(output: &'a str, messages: &'a [Message]) -> Result<Vec<Part<'a>>, String> {
    let mut parts = Vec::new();
    let mut used = vec![false; messages.len()];
    let mut rest = output;
    while let Some((mut before, after)) = rest.split_once(OPEN) {
        let found = after.split_once(CLOSE).and_then(|(number, after)| {
            let index = number.parse::<usize>().ok()?;
            Some((index, messages.get(index)?.content.as_str(), after))
        });
        let Some((index, mut content, mut after)) = found else {
            return Err("the template changes what is said".into());
        };
        match before.strip_suffix(EDGE) {
            Some(kept) => before = kept,
            None => content = content.trim_start(),
        }
        match after.strip_prefix(EDGE) {
            Some(kept) => after = kept,
            None => content = content.trim_end(),
        }
        parts.extend([Part::Template(before), Part::Content(content)]);
        used[index] = true;
        rest = after;
    }
    parts.push(Part::Template(rest));
    for (message, used) in messages.iter().zip(used) {
        if !used && !message.content.is_empty() {
            let role = format!("{:?}", message.role).to_lowercase();
            return Err(format!("the template leaves out a {role} message"));
        }
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(role: Role, content: &str) -> Message {
        Message { role, content: content.into() }
    }

    fn laid_out(template: &str, messages: &[Message]) -> Result<String, String> {
        let output =
            lay_out(template, messages, "<s>", "</s>").map_err(|error| error.to_string())?;
        let parts = parts(&output, messages)?;
        Ok(parts
            .iter()
            .map(|part| match part {
                Part::Template(text) => (*text).to_owned(),
                Part::Content(text) => format!("[{text}]"),
            })
            .collect())
    }

    const PLAIN: &str = "{{ bos_token }}{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}";

    #[test]
    fn keeps_what_is_said_as_it_was_said() {
        let messages = [said(Role::User, " a\n"), said(Role::Assistant, "b")];
        assert_eq!(
            laid_out(PLAIN, &messages).unwrap(),
            "<s><user>[ a\n]\n<assistant>[b]\n<assistant>"
        );
    }

    #[test]
    fn trims_where_the_template_trims() {
        let trims = PLAIN.replace("m.content", "m.content.strip()");
        assert_eq!(
            laid_out(&trims, &[said(Role::User, " a\n")]).unwrap(),
            "<s><user>[a]\n<assistant>"
        );
        let filters = PLAIN.replace("m.content", "m['content'] | trim");
        assert_eq!(
            laid_out(&filters, &[said(Role::User, "a ")]).unwrap(),
            "<s><user>[a]\n<assistant>"
        );
    }

    #[test]
    fn code_in_a_message_is_not_run() {
        let messages = [said(Role::User, "{{ 7 * 7 }}{% raw %}")];
        assert!(laid_out(PLAIN, &messages).unwrap().contains("[{{ 7 * 7 }}{% raw %}]"));
    }

    #[test]
    fn a_message_that_the_template_drops_is_an_error() {
        let drops = "{% for m in messages if m.role == 'user' %}{{ m.content }}{% endfor %}";
        let error = laid_out(drops, &[said(Role::System, "a"), said(Role::User, "b")]).unwrap_err();
        assert_eq!(error, "the template leaves out a system message");
    }

    #[test]
    fn what_the_template_objects_to_is_passed_on() {
        let objects = "{{ raise_exception('System role not supported') }}";
        let error = laid_out(objects, &[said(Role::System, "a")]).unwrap_err();
        assert!(error.contains("System role not supported"), "{error}");
    }
}
