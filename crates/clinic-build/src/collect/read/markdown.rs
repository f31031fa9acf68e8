//! Markdown to text: its marks taken away where they are no words.

use super::Page;
use super::text::tidy;

/// A file's title, which is its first heading, and its text.
pub fn read(markdown: &str) -> Page {
    let body = without_front_matter(markdown);
    let (mut title, mut text) = (None, String::with_capacity(body.len()));
    let mut rest = body;
    while let Some((before, comment)) = rest.split_once("<!--") {
        text.push_str(before);
        rest = comment.split_once("-->").map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        if is_underline(line) && lines.last().is_some_and(|line| !line.trim().is_empty()) {
            title = title.or_else(|| lines.last().cloned());
            continue;
        }
        let bare = line.trim_start();
        let heading = bare.trim_start_matches('#');
        let is_heading = heading.len() < bare.len() && heading.starts_with(' ');
        if bare.starts_with("```") || bare.starts_with("~~~") {
            lines.push(String::new());
        } else if is_heading {
            let heading = inline(heading.trim().trim_end_matches('#').trim_end());
            title = title.or_else(|| Some(heading.clone()));
            lines.extend([String::new(), heading, String::new()]);
        } else {
            lines.push(inline(line));
        }
    }
    Page { title: tidy(&title.unwrap_or_default()), text: tidy(&lines.join("\n")) }
}

/// Facts about the file between two lines of dashes at its head are no text of it.
fn without_front_matter(text: &str) -> &str {
    let ends = |rest: &str| rest.find("\n---").map(|end| end + 4);
    match text.strip_prefix("---\n").or_else(|| text.strip_prefix("---\r\n")) {
        Some(rest) => ends(rest).map_or(text, |end| &rest[end..]),
        None => text,
    }
}

/// Whether a line makes a heading of the one before.
fn is_underline(line: &str) -> bool {
    let line = line.trim();
    line.len() > 2 && (line.chars().all(|c| c == '=') || line.chars().all(|c| c == '-'))
}

/// A line without images, the targets of links, and the marks of emphasis and code.
fn inline(line: &str) -> String {
    let (mut text, mut rest) = (String::new(), line);
    while let Some(at) = rest.find('[') {
        let (before, link) = rest.split_at(at);
        let found = link[1..].split_once("](").and_then(|(words, after)| {
            let (_, after) = after.split_once(')')?;
            (!words.contains(['[', ']'])).then_some((words, after))
        });
        let Some((words, after)) = found else {
            text.push_str(&rest[..=at]);
            rest = &rest[at + 1..];
            continue;
        };
        match before.strip_suffix('!') {
            Some(before) => text.push_str(before),
            None => {
                text.push_str(before);
                text.push_str(words);
            }
        }
        rest = after;
    }
    text.push_str(rest);
    for mark in ["**", "__", "`"] {
        text = text.replace(mark, "");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_go_and_words_stay() {
        let page = read(
            "---\ntitle: no\n---\n# The *flu* #\n\nDrink **water**, see [this page](http://a.b).\n\
             <!-- no\nno -->![picture](x.png)\n\n- rest [1]\n- `sleep`\n",
        );
        assert_eq!(page.title, "The *flu*");
        assert_eq!(page.text, "The *flu*\n\nDrink water, see this page.\n\n- rest [1]\n- sleep");
        assert_eq!(read("Title\n=====\nText").title, "Title");
        assert_eq!(read("---\nno end").text, "---\nno end");
    }
}
