//! MedlinePlus's XML of health topics: one file with all topics in English and Spanish.

mod xml;

use clinic_core::digest;
use clinic_core::language::Language;
use reqwest::Url;

use super::choose::{Candidate, choose};
use super::desk::Desk;
use super::fetch::Failed;
use super::read::{html, short};
use super::shelf::Draft;
use super::why::Why;
use xml::Topic;

/// A topic that the project may want.
struct Wanted {
    language: &'static Language,
    link: Option<String>,
    topic: Topic,
}

impl Candidate for Wanted {
    fn language(&self) -> &str {
        &self.language.tag
    }
    fn link(&self) -> Option<&str> {
        self.link.as_deref()
    }
}

/// Reads the file that the source names: all of it, or nothing where it is broken.
pub async fn read(desk: &mut Desk<'_, '_>) -> Result<(), Failed> {
    let found = desk.open().await?;
    let bytes = found.bytes;
    let topics = desk.apart(move || xml::parse(&bytes)).await?;
    let topics = topics.map_err(Why::Unreadable)?;
    let mut wanted = Vec::new();
    for topic in topics {
        let Some(language) = desk.language(&topic.language) else {
            desk.shelf.pass(1);
            continue;
        };
        wanted.push(Wanted { language, link: link(language, &topic), topic });
    }
    let wanted = choose(wanted, desk.source.limit);
    desk.shelf.expect(wanted.len());
    for one in wanted {
        let Wanted { language, link, topic } = one;
        let address = address(&topic).unwrap_or_else(|| found.address.clone());
        let Some(summary) = topic.summary else {
            let why = Why::Long(format!("its summary has more than {} bytes", xml::LONGEST));
            desk.shelf.drop(Some(&language.tag), &topic.id, &address, why)?;
            continue;
        };
        let sha256 = digest::hex(&[&topic.raw]);
        let text = match desk.apart(move || html::piece(&summary)).await? {
            Ok(text) if text.is_empty() => Err(Why::NoText("its summary is empty".into())),
            other => other.map_err(Why::Unreadable),
        };
        let text = match text {
            Ok(text) => text,
            Err(why) => {
                desk.shelf.drop(Some(&language.tag), &topic.id, &address, why)?;
                continue;
            }
        };
        desk.shelf.put(Draft {
            name: topic.id,
            language: language.tag.clone(),
            title: short(&topic.title),
            text,
            address,
            dated: topic.created,
            sha256,
            link,
            groups: topic.groups,
            recent: false,
        })?;
    }
    Ok(())
}

/// Number of the English topic: its own, or that of the one that a topic is mapped to.
fn link(language: &Language, topic: &Topic) -> Option<String> {
    if language.tag == "en" {
        return Some(topic.id.clone());
    }
    let english = |(_, language): &&(String, String)| language.eq_ignore_ascii_case("english");
    topic.mapped.iter().find(english).map(|(id, _)| id.clone())
}

/// The topic's own page, where it is a web address.
fn address(topic: &Topic) -> Option<String> {
    let url = Url::parse(&topic.url).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.into())
}
