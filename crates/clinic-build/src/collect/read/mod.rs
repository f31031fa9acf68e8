//! Bytes to a title and text, by the format of a file.

mod depth;
pub mod html;
mod markdown;
pub mod pdf;
pub mod text;

use super::why::Why;
use text::{decode, tidy};

/// Bytes of a file of text at most.
const MOST_TEXT: usize = 8 << 20;

/// Characters of a title at most.
const TITLE: usize = 300;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Plain text.
    Text,
    /// Markdown.
    Markdown,
    /// HTML.
    Html,
    /// PDF.
    Pdf,
}

/// What a file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its title; may be empty.
    pub title: String,
    /// Its text, as it is kept.
    pub text: String,
}

impl Format {
    /// By the ending of a file's name.
    pub fn of_name(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "txt" => Some(Self::Text),
            "md" => Some(Self::Markdown),
            "html" | "htm" => Some(Self::Html),
            "pdf" => Some(Self::Pdf),
            _ => None,
        }
    }

    /// By what a server calls it; the bytes decide where it says nothing of use.
    pub fn of_kind(kind: Option<&str>, bytes: &[u8]) -> Option<Self> {
        let kind = kind.unwrap_or_default().to_ascii_lowercase();
        let is_pdf = bytes.starts_with(b"%PDF-");
        match kind.split(';').next().unwrap_or_default().trim() {
            "text/html" | "application/xhtml+xml" => Some(Self::Html),
            "text/plain" => Some(Self::Text),
            "text/markdown" => Some(Self::Markdown),
            "application/pdf" => Some(Self::Pdf),
            "" | "application/octet-stream" if is_pdf => Some(Self::Pdf),
            _ => None,
        }
    }
}

/// Reads a file; `kind` is what its server calls it, and `pdf` reads PDF.
pub fn page(
    format: Format,
    bytes: &[u8],
    kind: Option<&str>,
    pdf: &pdf::Reader,
) -> Result<Page, Why> {
    let said = || {
        let kind = kind?.to_ascii_lowercase();
        Some(kind.split_once("charset=")?.1.split(';').next()?.to_owned())
    };
    if format != Format::Pdf && bytes.len() > MOST_TEXT.min(html::MOST) {
        return Err(Why::Long(format!(
            "it has {} bytes, and a text is read up to {MOST_TEXT}",
            bytes.len()
        )));
    }
    let mut page = match format {
        Format::Pdf => pdf::page(bytes, pdf)?,
        Format::Html => {
            let charset = said().or_else(|| html::charset(bytes));
            let html = decode(bytes, charset.as_deref()).map_err(Why::Unreadable)?;
            html::read(&html).map_err(Why::Unreadable)?
        }
        Format::Markdown => {
            markdown::read(&decode(bytes, said().as_deref()).map_err(Why::Unreadable)?)
        }
        Format::Text => {
            let text = tidy(&decode(bytes, said().as_deref()).map_err(Why::Unreadable)?);
            Page { title: String::new(), text }
        }
    };
    if page.text.is_empty() {
        return Err(Why::NoText("it holds no text".into()));
    }
    let title = if page.title.is_empty() { &page.text } else { &page.title };
    page.title = short(title.lines().next().unwrap_or_default());
    Ok(page)
}

/// A title that is no longer than a title.
pub fn short(title: &str) -> String {
    let title = tidy(title).split_whitespace().collect::<Vec<_>>().join(" ");
    match title.char_indices().nth(TITLE) {
        Some((end, _)) => format!("{}…", &title[..end]),
        None => title,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_the_first_line_where_there_is_none_else() {
        let none: pdf::Reader = std::sync::Arc::new(|_| Err(String::new()));
        let read = |format, text: &str| page(format, text.as_bytes(), None, &none);
        assert_eq!(read(Format::Text, "\n Flu \n\nRest.").unwrap().title, "Flu");
        assert_eq!(read(Format::Html, "<p>Flu<p>Rest").unwrap().title, "Flu");
        assert!(matches!(read(Format::Html, "<script>x</script>"), Err(Why::NoText(_))));
        assert_eq!(short(&"a".repeat(400)).chars().count(), 301);
    }
}
