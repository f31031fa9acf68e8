//! HTML to text: what a reader of the page sees, lists and tables as lines.

use scraper::node::Element;
use scraper::{ElementRef, Html, Node, Selector};

use super::Page;
use super::depth::{DEEPEST, is_too_deep};
use super::text::tidy;

/// Bytes of a page at most: no honest one is longer.
pub const MOST: usize = 8 << 20;

/// Elements whose content is no text of the page.
const OUT: [&str; 28] = [
    "applet", "aside", "audio", "button", "canvas", "datalist", "dialog", "embed", "footer",
    "form", "frameset", "head", "iframe", "input", "map", "nav", "noembed", "noframes", "noscript",
    "object", "script", "select", "style", "svg", "template", "textarea", "title", "video",
];

/// Elements with an empty line around them.
const PARAGRAPHS: [&str; 19] = [
    "address",
    "article",
    "blockquote",
    "body",
    "dl",
    "fieldset",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "main",
    "p",
    "section",
    "table",
];

/// Elements that begin a line.
const LINES: [&str; 14] = [
    "br",
    "caption",
    "dd",
    "details",
    "div",
    "dt",
    "figcaption",
    "li",
    "ol",
    "pre",
    "summary",
    "tbody",
    "tr",
    "ul",
];

/// What stands between two words.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Space,
    Cell,
    Line,
    Paragraph,
}

/// A page's title and text.
pub fn read(html: &str) -> Result<Page, String> {
    let page = parse(html)?;
    let title = first(&page, "title");
    let main = only(&page, "main, [role=main]").unwrap_or_else(|| page.root_element());
    let seen = Seen::of(main);
    Ok(Page { title: seen.heading.or(title).unwrap_or_default(), text: tidy(&seen.text) })
}

/// The text of a piece of HTML, such as a summary.
pub fn piece(html: &str) -> Result<String, String> {
    Ok(read(html)?.text)
}

/// The elements of a page that is not too deep.
pub fn parse(html: &str) -> Result<Html, String> {
    if is_too_deep(html) {
        return Err(format!("its elements are nested more than {DEEPEST} deep"));
    }
    Ok(Html::parse_document(html))
}

/// What a reader sees of an element, on one line.
pub fn line(element: ElementRef<'_>) -> String {
    tidy(&Seen::of(element).text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The charset that a page claims in its first bytes.
pub fn charset(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).to_ascii_lowercase();
    let (_, rest) = head.split_once("charset=")?;
    let rest = rest.trim_start_matches(['"', '\'', ' ']);
    let end = rest.find(['"', '\'', ' ', '>', ';', '/']).unwrap_or(rest.len());
    Some(rest[..end].to_owned())
}

fn first(page: &Html, selector: &str) -> Option<String> {
    let selector = Selector::parse(selector).ok()?;
    let text: String = page.select(&selector).next()?.text().collect();
    Some(text.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|text| !text.is_empty())
}

/// The element that a selector finds, where it is the only one.
fn only<'a>(page: &'a Html, selector: &str) -> Option<ElementRef<'a>> {
    let selector = Selector::parse(selector).ok()?;
    let mut found = page.select(&selector);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// Text as it is gathered.
struct Seen {
    text: String,
    gap: Gap,
    /// Where the heading that is being read begins.
    begun: Option<usize>,
    /// The first heading of the first rank.
    heading: Option<String>,
}

impl Seen {
    /// Walks through an element without recursion: foreign pages may be deep.
    fn of(root: ElementRef<'_>) -> Self {
        let mut seen = Self { text: String::new(), gap: Gap::None, begun: None, heading: None };
        let mut node = *root;
        loop {
            // What was named to be read is read, whatever it is.
            let read = node.id() == root.id() || seen.enter(node.value());
            if let Some(child) = node.first_child().filter(|_| read) {
                node = child;
                continue;
            }
            loop {
                if node.id() == root.id() {
                    return seen;
                }
                if let Node::Element(element) = node.value() {
                    seen.leave(element);
                }
                if let Some(next) = node.next_sibling() {
                    node = next;
                    break;
                }
                let Some(parent) = node.parent() else { return seen };
                node = parent;
            }
        }
    }

    /// Whether the node's children are to be read too.
    fn enter(&mut self, node: &Node) -> bool {
        match node {
            Node::Text(text) => self.push(text),
            Node::Element(element) if OUT.contains(&element.name()) || is_hidden(element) => {
                return false;
            }
            Node::Element(element) => {
                self.part(element.name());
                match element.name() {
                    "li" => self.mark("- "),
                    "h1" if self.heading.is_none() => self.begun = Some(self.text.len()),
                    _ => {}
                }
            }
            _ => {}
        }
        true
    }

    fn leave(&mut self, element: &Element) {
        self.part(element.name());
        match element.name() {
            "td" | "th" => self.gap = self.gap.max(Gap::Cell),
            "h1" => {
                let text = self.begun.take().map(|begun| tidy(&self.text[begun..]));
                let text = text.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
                self.heading = self.heading.take().or(text.filter(|text| !text.is_empty()));
            }
            _ => {}
        }
    }

    /// What comes is apart from what came.
    fn part(&mut self, name: &str) {
        let gap = match name {
            name if PARAGRAPHS.contains(&name) => Gap::Paragraph,
            name if LINES.contains(&name) => Gap::Line,
            _ => Gap::None,
        };
        self.gap = self.gap.max(gap);
    }

    fn push(&mut self, text: &str) {
        if text.starts_with(char::is_whitespace) {
            self.gap = self.gap.max(Gap::Space);
        }
        for word in text.split_whitespace() {
            self.mark(word);
            self.gap = Gap::Space;
        }
        if !text.is_empty() && !text.ends_with(char::is_whitespace) {
            self.gap = match self.gap {
                Gap::Space => Gap::None,
                gap => gap,
            };
        }
    }

    /// Adds what does not begin or end with white space.
    fn mark(&mut self, word: &str) {
        if !self.text.is_empty() {
            self.text.push_str(match self.gap {
                Gap::None => "",
                Gap::Space => " ",
                Gap::Cell => " | ",
                Gap::Line => "\n",
                Gap::Paragraph => "\n\n",
            });
        }
        self.text.push_str(word);
        self.gap = Gap::None;
    }
}

/// Whether an element says that it is not shown, or that it is no content.
fn is_hidden(element: &Element) -> bool {
    let attribute = |name| element.attr(name).map(str::to_ascii_lowercase);
    let style: String = attribute("style").unwrap_or_default().split_whitespace().collect();
    let hides = ["display:none", "visibility:hidden", "font-size:0;", "opacity:0;"];
    let role = attribute("role").unwrap_or_default();
    attribute("hidden").is_some()
        || attribute("aria-hidden").is_some_and(|value| value == "true")
        || hides.iter().any(|word| format!("{style};").contains(word))
        || ["navigation", "search", "banner", "contentinfo", "dialog"].contains(&role.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_what_its_reader_sees() {
        let page = read(
            "<html><head><title>T</title><style>p{}</style></head><body>
             <nav><a>Home</a></nav><script>steal()</script>
             <h1>Flu <b>facts</b></h1><p>Rest&amp;drink.<br>Twice.</p>
             <ul><li>one<li>two <i>and</i> half</ul>
             <table><tr><th>dose<td>5&nbsp;mg</tr></table>
             <p hidden>no</p><p style='display: none'>no</p><div aria-hidden=true>no</div>
             <form><p>no</p></form><noscript>no</noscript><!-- no --></body></html>",
        )
        .unwrap();
        assert_eq!(page.title, "Flu facts");
        assert_eq!(
            page.text,
            "Flu facts\n\nRest&drink.\nTwice.\n\n- one\n- two and half\n\ndose | 5 mg"
        );
    }

    #[test]
    fn the_main_part_is_the_page_and_without_a_heading_its_title_is_the_title() {
        let page =
            read("<title> A\nb </title><p>around</p><main><p>in<b>side</b> it</p></main>").unwrap();
        assert_eq!((page.title.as_str(), page.text.as_str()), ("A b", "inside it"));
    }

    #[test]
    fn a_deep_page_is_read_and_a_deeper_one_is_not() {
        let deep = |n| format!("{}deep{}", "<div>".repeat(n), "</div>".repeat(n));
        assert_eq!(read(&deep(500)).unwrap().text, "deep");
        assert!(read(&deep(600)).unwrap_err().contains("nested"));
    }

    #[test]
    fn a_page_says_its_charset() {
        assert_eq!(charset(b"<meta charset=windows-1252>").as_deref(), Some("windows-1252"));
        let long = b"<meta content=\"text/html; charset=ISO-8859-1\">";
        assert_eq!(charset(long).as_deref(), Some("iso-8859-1"));
    }
}
