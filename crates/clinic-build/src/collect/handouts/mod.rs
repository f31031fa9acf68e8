//! MedlinePlus's lists of translated handouts: a page names handouts with their languages, and links
//! each to a PDF or page of its publisher.

mod list;

use std::collections::HashSet;
use std::path::Path;

use clinic_core::digest;
use clinic_core::language::Language;
use reqwest::Url;

use super::choose::{Candidate, choose};
use super::desk::{Desk, Found};
use super::fetch::Failed;
use super::read::Format;
use super::shelf::Draft;
use super::why::Why;

/// A handout to fetch.
struct Handout {
    language: &'static Language,
    /// As it is fetched: an address, or a path beside the list.
    place: String,
    /// The place of its English version.
    link: Option<String>,
    group: Option<String>,
}

impl Candidate for Handout {
    fn language(&self) -> &str {
        &self.language.tag
    }
    fn link(&self) -> Option<&str> {
        self.link.as_deref()
    }
}

/// Reads the list that the source names, or the lists that it names in turn, and their handouts.
pub async fn read(desk: &mut Desk<'_, '_>) -> Result<(), Failed> {
    let first = desk.open().await?;
    let (mut handouts, lists) = parse(desk, first).await?;
    for list in lists {
        let found = fetch(desk, &list).await?;
        handouts.extend(parse(desk, found).await?.0);
    }
    if handouts.is_empty() {
        let why = "no link on it ends with a dash and the name of a language, as '… - English'";
        return Err(Why::Unreadable(why.into()).into());
    }
    // The same English handout stands beside each of its versions.
    let mut seen = HashSet::new();
    handouts.retain(|one| seen.insert((one.language.tag.clone(), one.place.clone())));
    let handouts = choose(handouts, desk.source.limit);
    desk.shelf.expect(handouts.len());
    for handout in handouts {
        match document(desk, &handout).await {
            Ok(draft) => desk.shelf.put(draft)?,
            Err(Failed::Why(why)) => {
                let tag = Some(handout.language.tag.as_str());
                desk.shelf.drop(tag, &handout.place, &handout.place, why)?;
            }
            Err(step) => return Err(step),
        }
    }
    Ok(())
}

/// Handouts in the project's languages, and places of further lists in these.
async fn parse(
    desk: &mut Desk<'_, '_>,
    list: Found,
) -> Result<(Vec<Handout>, Vec<String>), Failed> {
    let (bytes, kind, base) = (list.bytes, list.kind, list.address);
    let (entries, lists) =
        desk.apart(move || list::read(&bytes, kind.as_deref())).await?.map_err(Why::Unreadable)?;
    let mut handouts = Vec::new();
    for entry in entries {
        if !desk.wants(entry.language) {
            desk.shelf.pass(1);
            continue;
        }
        let Some(place) = join(&base, &entry.href) else { continue };
        let link = entry.english.and_then(|href| join(&base, &href));
        let (language, group) = (entry.language, entry.group);
        handouts.push(Handout { language, place, link, group });
    }
    let lists = lists.into_iter().filter(|(language, _)| desk.wants(language));
    Ok((handouts, lists.filter_map(|(_, href)| join(&base, &href)).collect()))
}

async fn document(desk: &mut Desk<'_, '_>, handout: &Handout) -> Result<Draft, Failed> {
    let found = fetch(desk, &handout.place).await?;
    let kind = found.kind.as_deref();
    let format = match kind {
        Some(_) => Format::of_kind(kind, &found.bytes),
        None => Format::of_name(&found.address).or(Format::of_kind(None, &found.bytes)),
    };
    let format = format.ok_or_else(|| {
        Why::Kind(format!(
            "it is {} and neither a page nor a PDF",
            kind.unwrap_or("something else")
        ))
    })?;
    let sha256 = digest::hex(&[&found.bytes]);
    let page = desk.page(format, found.bytes, found.kind).await?;
    Ok(Draft {
        name: handout.place.clone(),
        language: handout.language.tag.clone(),
        title: page.title,
        text: page.text,
        address: handout.place.clone(),
        dated: None,
        sha256,
        link: handout.link.clone(),
        groups: handout.group.iter().cloned().collect(),
        recent: false,
    })
}

/// What a place holds: an address, or a file beside the list.
async fn fetch(desk: &mut Desk<'_, '_>, place: &str) -> Result<Found, Failed> {
    if let Ok(address) = Url::parse(place) {
        return desk.fetch(&address).await;
    }
    let path = desk.project.folder().join(place);
    // A link in the folder could lead anywhere.
    let (folder, file) = (desk.path().parent().map(Path::canonicalize), path.canonicalize());
    match (folder, file) {
        (Some(Ok(folder)), Ok(file)) if !file.starts_with(&folder) => {
            Err(Why::Unreadable("it leads out of the folder of the list".into()).into())
        }
        _ => Ok(desk.file(&path, place.to_owned())?),
    }
}

/// A link of a list at `base`: the address that it means, or the path from the project's folder.
fn join(base: &str, href: &str) -> Option<String> {
    let without_fragment = |mut url: Url| {
        url.set_fragment(None);
        String::from(url)
    };
    match (Url::parse(base), Url::parse(href)) {
        (Ok(base), _) => {
            let url = base.join(href).ok()?;
            matches!(url.scheme(), "http" | "https").then(|| without_fragment(url))
        }
        (_, Ok(url)) => matches!(url.scheme(), "http" | "https").then(|| without_fragment(url)),
        _ => {
            let href = href.split(['#', '?']).next().filter(|href| !href.is_empty())?;
            if href.starts_with('/') || href.split(['/', '\\']).any(|part| part == "..") {
                return None;
            }
            let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
            Some(if folder.is_empty() { href.to_owned() } else { format!("{folder}/{href}") })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_the_web_or_to_files_beside_the_list() {
        let web = "https://a.example/languages/swahili.html";
        assert_eq!(join(web, "../x.pdf#p1").as_deref(), Some("https://a.example/x.pdf"));
        assert_eq!(join(web, "javascript:alert(1)"), None);
        assert_eq!(join("lists/sw.html", "flu%20.pdf").as_deref(), Some("lists/flu%20.pdf"));
        assert_eq!(join("lists/sw.html", "../../secret.txt"), None);
        assert_eq!(join("lists/sw.html", "/etc/passwd"), None);
        assert_eq!(join("sw.html", "https://b.example/a").as_deref(), Some("https://b.example/a"));
        assert_eq!(join("sw.html", "file:///etc/passwd"), None);
    }
}
