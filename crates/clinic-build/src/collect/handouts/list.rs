//! A list of handouts: which links are handouts, in which language, and which belong together.
//!
//! A handout's link reads `Title - Language`, its format behind it. The English one stands in the
//! same list item as its versions. Nothing is taken from the page's classes, which change.

use clinic_core::language::{Language, Languages};
use scraper::{ElementRef, Node, Selector};

use super::super::read::text::decode;
use super::super::read::{html, short};

/// Links that are looked at.
const MOST: usize = 50_000;

/// Words behind a language that are no part of its name.
const FORMATS: [&str; 4] = ["pdf", "html", "htm", "text"];

/// Words that tell of what is not text in one language.
const NOT_READ: [&str; 9] =
    ["bilingual", "video", "mp3", "mp4", "audio", "podcast", "slideshow", "ppt", "interactive"];

/// One handout in one language.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its title, as the list has it.
    pub title: String,
    /// Its language.
    pub language: &'static Language,
    /// Where it is.
    pub href: String,
    /// Where its English version is.
    pub english: Option<String>,
    /// The heading above it.
    pub group: Option<String>,
}

/// Further lists, by their languages.
type Lists = Vec<(&'static Language, String)>;

/// The handouts of a list, and further lists that it names.
pub fn read(bytes: &[u8], kind: Option<&str>) -> Result<(Vec<Entry>, Lists), String> {
    if bytes.len() > html::MOST {
        return Err(format!("it has more than {} bytes", html::MOST));
    }
    let said = kind.and_then(|kind| kind.split_once("charset=")).map(|(_, name)| name.to_owned());
    let text = decode(bytes, said.or_else(|| html::charset(bytes)).as_deref())?;
    let page = html::parse(&text)?;
    let selector = Selector::parse("h1, h2, h3, h4, a[href]").map_err(|e| e.to_string())?;
    let (mut found, mut lists, mut group) = (Vec::new(), Vec::new(), None);
    for element in page.select(&selector).take(MOST) {
        if element.value().name() != "a" {
            group = Some(short(&html::line(element))).filter(|group| group.chars().count() > 1);
            continue;
        }
        let Some(href) = element.attr("href") else { continue };
        let (words, behind) = (html::line(element), behind(element));
        if is_not_read(&words) || is_not_read(&behind) {
            continue;
        }
        if let Some((title, language)) = handout(&words) {
            let href = href.trim().to_owned();
            let entry = Entry { title, language, href, english: None, group: group.clone() };
            found.push((element, entry));
        } else if let Some(language) = language(&words).filter(|language| language.tag != "en") {
            lists.push((language, href.trim().to_owned()));
        }
    }
    Ok((linked(found), lists))
}

/// Each handout with its English version: the one in the smallest part of the page that holds any,
/// where that part has one English handout only, or one of the same title.
fn linked(found: Vec<(ElementRef<'_>, Entry)>) -> Vec<Entry> {
    let mut parts: std::collections::HashMap<_, Vec<usize>> = Default::default();
    for (at, (element, _)) in found.iter().enumerate() {
        for part in element.ancestors().filter(is_part) {
            parts.entry(part.id()).or_default().push(at);
        }
    }
    let english = |(element, entry): &(ElementRef<'_>, Entry)| {
        if entry.language.tag == "en" {
            return Some(entry.href.clone());
        }
        for part in element.ancestors().filter(is_part) {
            let here = parts.get(&part.id())?.iter().map(|at| &found[*at].1);
            let same = here.clone().filter(|other| other.language.tag == entry.language.tag);
            let here: Vec<&Entry> = here.filter(|other| other.language.tag == "en").collect();
            match here.as_slice() {
                [] => continue,
                [one] if same.count() == 1 || one.title == entry.title => {
                    return Some(one.href.clone());
                }
                several => {
                    let twin = several.iter().find(|one| one.title == entry.title);
                    return twin.map(|one| one.href.clone());
                }
            }
        }
        None
    };
    let links: Vec<Option<String>> = found.iter().map(english).collect();
    let with = |((_, entry), english)| Entry { english, ..entry };
    found.into_iter().zip(links).map(with).collect()
}

fn is_part(node: &<ElementRef<'_> as std::ops::Deref>::Target) -> bool {
    let parts = ["li", "ul", "ol", "tr", "tbody", "table", "dl", "dd", "p", "div", "section"];
    matches!(node.value(), Node::Element(element) if parts.contains(&element.name()))
}

/// The words behind a link, up to the next one.
fn behind(element: ElementRef<'_>) -> String {
    let mut words = String::new();
    for sibling in element.next_siblings() {
        match sibling.value() {
            Node::Text(text) => words.push_str(text),
            Node::Element(next) if ["span", "em", "i", "small", "abbr"].contains(&next.name()) => {
                words.extend(ElementRef::wrap(sibling).map(html::line));
            }
            Node::Comment(_) => {}
            _ => break,
        }
        if words.len() > 200 {
            break;
        }
    }
    words
}

fn is_not_read(words: &str) -> bool {
    let last = words.rsplit(" - ").next().unwrap_or(words).to_lowercase();
    last.split(|c: char| !c.is_alphanumeric()).any(|word| NOT_READ.contains(&word))
}

/// Title and language of a handout's link: `Title - Kiswahili (Swahili) PDF`.
fn handout(words: &str) -> Option<(String, &'static Language)> {
    let (title, rest) = [" - ", " – ", " — "].iter().find_map(|dash| words.rsplit_once(dash))?;
    Some((short(title), language(rest)?)).filter(|(title, _)| !title.is_empty())
}

/// The language of a name as lists write it: in English, in itself, or in itself and in English.
fn language(words: &str) -> Option<&'static Language> {
    let mut words = words.trim();
    while let Some((before, last)) = words.rsplit_once(' ')
        && FORMATS.contains(&last.trim_matches(['(', ')']).to_lowercase().as_str())
    {
        words = before.trim();
    }
    // The traditional characters are another text than the simplified ones.
    if words.contains("Traditional") {
        return None;
    }
    let find = |name: &str| Languages::current().find(name).ok();
    let (outer, inner) = words.split_once('(').unwrap_or((words, ""));
    let inner = inner.trim_end_matches(')');
    let first = inner.split([',', '(']).next().unwrap_or_default();
    [words, outer, inner, first].into_iter().find_map(find)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_languages_are_known_as_lists_write_them() {
        let tag = |words| language(words).map(|language| language.tag.as_str());
        assert_eq!(tag("English"), Some("en"));
        assert_eq!(tag("Kiswahili (Swahili) PDF"), Some("sw"));
        assert_eq!(tag("العربية (Arabic)"), Some("ar"));
        assert_eq!(tag("español (Spanish)"), Some("es"));
        assert_eq!(tag("简体中文 (Chinese, Simplified (Mandarin dialect))"), Some("zh"));
        assert_eq!(tag("繁體中文 (Chinese, Traditional (Cantonese dialect))"), None);
        assert_eq!(tag("Klingon"), None);
    }

    #[test]
    fn handouts_are_paired_by_their_list_item_or_title() {
        let page = "<h2>Vaccines</h2><ul>
            <li><ul><li><a href=e1>Pox - English</a> PDF<li><a href=s1>Pox sheet - Kiswahili \
            (Swahili)</a> PDF<li><a href=b1>Pox - Kiswahili (Swahili) Bilingual</a>
            <li><a href=v1>Pox - Kiswahili (Swahili)</a> <span>Video</span></ul>
            <li><a href=s2>Alone - Kiswahili (Swahili)</a></ul>
            <h2>Flat</h2><ul><li><a href=e3>Fever - English</a><li><a href=s3>Fever - Swahili</a>
            <li><a href=e4>Cough - English</a><li><a href=s4>Cough - Swahili</a></ul>
            <a href=/about>About</a> <a href=ar.html>العربية (Arabic)</a>";
        let (entries, lists) = read(page.as_bytes(), None).unwrap();
        let all: Vec<(&str, &str, Option<&str>, Option<&str>)> = entries
            .iter()
            .map(|one| {
                let tag = one.language.tag.as_str();
                (one.href.as_str(), tag, one.english.as_deref(), one.group.as_deref())
            })
            .collect();
        let (vaccines, flat) = (Some("Vaccines"), Some("Flat"));
        assert_eq!(
            all,
            [
                ("e1", "en", Some("e1"), vaccines),
                ("s1", "sw", Some("e1"), vaccines),
                ("s2", "sw", None, vaccines),
                ("e3", "en", Some("e3"), flat),
                ("s3", "sw", Some("e3"), flat),
                ("e4", "en", Some("e4"), flat),
                ("s4", "sw", Some("e4"), flat),
            ]
        );
        assert_eq!(lists.len(), 1);
        assert_eq!((lists[0].0.tag.as_str(), lists[0].1.as_str()), ("ar", "ar.html"));
    }
}
