//! The XML itself, by its published description: no entity but the five of XML is expanded, and a
//! file that is broken anywhere gives nothing.

use chrono::NaiveDate;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::super::read::text::decode;

/// Bytes of a summary at most.
pub const LONGEST: usize = 1 << 20;

/// Elements in elements at most; the published files have 4.
const DEEPEST: usize = 64;

/// One topic in one language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Topic {
    /// Its number.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its page.
    pub url: String,
    /// English name of its language.
    pub language: String,
    /// The day on which it was first there (YYYY-MM-DD).
    pub created: Option<String>,
    /// Its summary in HTML; none where it is longer than [`LONGEST`].
    pub summary: Option<String>,
    /// The groups that it is filed under.
    pub groups: Vec<String>,
    /// Numbers and languages of its versions.
    pub mapped: Vec<(String, String)>,
    /// The bytes that its document is made of: its first tag and its summary. The rest of a topic,
    /// such as links to other sites, changes often and is no part of the document.
    pub raw: Vec<u8>,
}

/// What is being read.
#[derive(Default)]
struct Place {
    depth: usize,
    /// The topic, at the depth of whose children the rest stands.
    topic: Option<Topic>,
    /// The child of the topic that is being read, and its text.
    child: Option<(String, String)>,
    /// Where the text of the child begins in the file.
    begun: usize,
}

/// All topics of a file, or what is wrong with it and in which line.
pub fn parse(bytes: &[u8]) -> Result<Vec<Topic>, String> {
    let text = decode(bytes, None)?;
    let mut reader = Reader::from_str(&text);
    reader.config_mut().expand_empty_elements = true;
    let (mut topics, mut place, mut root) = (Vec::new(), Place::default(), false);
    loop {
        let from = reader.buffer_position() as usize;
        let event = reader.read_event().map_err(|error| {
            wrong(&text, reader.error_position() as usize, &format!("it is broken: {error}"))
        })?;
        let to = reader.buffer_position() as usize;
        let problem = |what: &str| wrong(&text, from, what);
        match event {
            Event::Start(tag) => {
                if place.depth == 0 && (root || tag.name().as_ref() != "health-topics") {
                    return Err(problem("it holds no <health-topics>, or more than those"));
                }
                root = true;
                place.depth += 1;
                if place.depth > DEEPEST {
                    return Err(problem("its elements are nested too deeply"));
                }
                place.enter(&tag, &text.as_bytes()[from..to], to).map_err(|why| problem(&why))?;
            }
            Event::End(_) => {
                place.leave(&text.as_bytes()[place.begun..from.max(place.begun)]);
                place.depth -= 1;
                if place.depth == 1 {
                    topics.extend(place.topic.take());
                }
            }
            Event::Text(piece) => place.push(&piece.xml10_content()),
            Event::CData(piece) => place.push(&piece.xml10_content()),
            Event::GeneralRef(name) => {
                let broken = |_| problem("it holds a character reference that is no character");
                match name.resolve_char_ref().map_err(broken)? {
                    Some(c) => place.push(c.encode_utf8(&mut [0; 4])),
                    None => {
                        let known = resolve_predefined_entity(&name).ok_or_else(|| {
                            problem(&format!(
                                "it uses the entity '{}', and none is expanded but the five of XML",
                                name.chars().take(40).collect::<String>()
                            ))
                        })?;
                        place.push(known);
                    }
                }
            }
            Event::Eof if place.depth > 0 || !root => {
                return Err(problem("it ends before its end: an element is not closed"));
            }
            Event::Eof => return Ok(topics),
            // Empty elements come as a start and an end.
            Event::Empty(_) => {}
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::DocType(_) => {}
        }
    }
}

impl Place {
    fn enter(&mut self, tag: &BytesStart<'_>, raw: &[u8], to: usize) -> Result<(), String> {
        let name = tag.name().as_ref().to_owned();
        match self.depth {
            2 if name == "health-topic" => {
                let created = attribute(tag, "date-created")?;
                let id = attribute(tag, "id")?;
                if id.is_empty() {
                    return Err("a topic has no id".into());
                }
                self.topic = Some(Topic {
                    id,
                    title: attribute(tag, "title")?,
                    url: attribute(tag, "url")?,
                    language: attribute(tag, "language")?,
                    created: day(&created),
                    summary: Some(String::new()),
                    raw: raw.to_vec(),
                    ..Topic::default()
                });
            }
            3 => {
                if let (Some(topic), "language-mapped-topic") = (&mut self.topic, name.as_str()) {
                    topic.mapped.push((attribute(tag, "id")?, attribute(tag, "language")?));
                }
                self.child = Some((name, String::new()));
                self.begun = to;
            }
            // Summaries are escaped HTML; where one is not, its tags are put back.
            4.. => self.push(&format!("<{name}>")),
            _ => {}
        }
        Ok(())
    }

    fn leave(&mut self, raw: &[u8]) {
        if self.depth != 3 {
            return;
        }
        let (Some(topic), Some((name, text))) = (&mut self.topic, self.child.take()) else {
            return;
        };
        match name.as_str() {
            "full-summary" => {
                topic.raw.extend_from_slice(raw);
                topic.summary = (text.len() <= LONGEST).then_some(text);
            }
            "group" if !text.trim().is_empty() => topic.groups.push(text.trim().to_owned()),
            _ => {}
        }
    }

    fn push(&mut self, text: &str) {
        if let Some((_, child)) = self.child.as_mut().filter(|(_, child)| child.len() <= LONGEST) {
            child.push_str(text);
        }
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<String, String> {
    let broken = |why: String| format!("the attribute '{name}' is broken: {why}");
    let Some(found) = tag.try_get_attribute(name).map_err(|e| broken(e.to_string()))? else {
        return Ok(String::new());
    };
    let value = found.normalized_value(XmlVersion::Implicit1_0);
    value.map(|value| value.into_owned()).map_err(|e| broken(e.to_string()))
}

/// A day as MedlinePlus writes it (MM/DD/YYYY).
fn day(text: &str) -> Option<String> {
    let day = NaiveDate::parse_from_str(text.split_whitespace().next()?, "%m/%d/%Y").ok()?;
    Some(day.to_string())
}

fn wrong(text: &str, at: usize, what: &str) -> String {
    let before = &text.as_bytes()[..at.min(text.len())];
    let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
    format!("line {line}: {what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

    fn file(topics: &str) -> String {
        format!(
            "{HEAD}<health-topics total=\"1\" date-generated=\"11/20/2026 01:02:03\">\n{topics}"
        )
    }

    const TOPIC: &str = "<health-topic title=\"Cold &amp; flu\" url=\"https://a.example/1\" \
        id=\"1\" language=\"English\" date-created=\"01/07/2003\">\n<also-called>Grippe</also-called>\
        \n<full-summary>&lt;p&gt;Rest &amp;amp; drink.&lt;/p&gt;</full-summary>\n<group url=\"u\" \
        id=\"5\">Infections</group>\n<language-mapped-topic url=\"u\" id=\"2\" \
        language=\"Spanish\">Gripe</language-mapped-topic>\n<site title=\"s\" url=\"u\" \
        language-mapped-url=\"\"><organization>O</organization></site>\n</health-topic>\n";

    #[test]
    fn a_topic_is_read_whole() {
        let topics = parse(file(&format!("{TOPIC}</health-topics>")).as_bytes()).unwrap();
        let [topic] = topics.as_slice() else { panic!("{topics:?}") };
        assert_eq!(topic.title, "Cold & flu");
        assert_eq!(topic.summary.as_deref(), Some("<p>Rest &amp; drink.</p>"));
        assert_eq!(topic.created.as_deref(), Some("2003-01-07"));
        assert_eq!(topic.groups, ["Infections"]);
        assert_eq!(topic.mapped, [("2".to_owned(), "Spanish".to_owned())]);
        let raw = String::from_utf8(topic.raw.clone()).unwrap();
        assert!(raw.starts_with("<health-topic title") && raw.ends_with("&lt;/p&gt;"), "{raw}");
        assert!(!raw.contains("site"), "{raw}");
    }

    #[test]
    fn a_bomb_and_a_foreign_file_are_findings() {
        let bomb = format!(
            "<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\"><!ENTITY f SYSTEM \
             \"file:///etc/passwd\">]>\n{}",
            file(&TOPIC.replace("Rest", "&b;")).replace(HEAD, "")
        );
        let error = parse(bomb.as_bytes()).unwrap_err();
        assert!(error.contains("line 5") && error.contains("'b'"), "{error}");
        let attribute = file(&TOPIC.replace("Cold", "&f;"));
        let error = parse(attribute.as_bytes()).unwrap_err();
        assert!(error.contains("line 3") && error.contains("title"), "{error}");
    }

    #[test]
    fn a_broken_file_gives_nothing_and_tells_the_line() {
        let cut = file(TOPIC);
        let error = parse(cut.as_bytes()).unwrap_err();
        assert!(error.contains("line 10") && error.contains("not closed"), "{error}");
        let crossed = file(&TOPIC.replace("</also-called>", "</group>"));
        assert!(parse(crossed.as_bytes()).unwrap_err().contains("line 4"));
        let deep = file(&"<a>".repeat(100));
        assert!(parse(deep.as_bytes()).unwrap_err().contains("nested"));
        assert!(parse(b"<html></html>").unwrap_err().contains("health-topics"));
        assert!(parse(b"").unwrap_err().contains("not closed"));
        assert!(parse(b"\xff\xfe\x00\xd8").is_err());
    }
}
