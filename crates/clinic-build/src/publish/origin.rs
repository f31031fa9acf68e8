//! Where the published items come from: documents, licences, models, recipes.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use clinic_engine::run::ModelRef;
use reqwest::Url;
use serde::Serialize;

use super::Set;
use crate::config::Kind;
use crate::store::{Document, NewDocument, StoreError};
use crate::{Project, StepError};

/// A source and what of it is in the set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceUse {
    /// Its name in build.toml.
    pub name: String,
    /// What is found there; absent where build.toml names it no longer.
    pub kind: Option<&'static str>,
    /// Its address, where it is on the web.
    pub address: Option<String>,
    /// Licences of its documents, in the source's words.
    pub licenses: BTreeSet<String>,
    /// Documents that published items were written from, by tag of the language.
    pub documents: BTreeMap<String, usize>,
    /// Days that the source gives its documents: the first and the last.
    pub dated: Option<(String, String)>,
    /// When they were read: the first and the last time, in UTC.
    pub fetched: (String, String),
}

/// A model that worked on the project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModelUse {
    /// Its name.
    pub label: String,
    /// What tells it from others of that name; never the address of a server of one's own.
    pub identity: String,
    /// The steps that used it.
    pub steps: BTreeSet<String>,
}

/// The documents behind the published texts, by number.
pub fn documents(project: &Project, set: &Set) -> Result<BTreeMap<i64, Document>, StoreError> {
    let mut documents = BTreeMap::new();
    for chosen in set.values().flatten() {
        let texts = chosen.texts.iter().map(|text| text.document);
        for id in texts.chain([chosen.item.body.document]) {
            if let Entry::Vacant(place) = documents.entry(id) {
                place.insert(project.store().document(id)?);
            }
        }
    }
    Ok(documents)
}

/// The sources of documents, by name.
pub fn sources(project: &Project, documents: &BTreeMap<i64, Document>) -> Vec<SourceUse> {
    let mut sources: BTreeMap<&str, Vec<&Document>> = BTreeMap::new();
    for document in documents.values() {
        sources.entry(&document.body.source).or_default().push(document);
    }
    let used = sources.into_iter().map(|(name, documents)| {
        let source = project.config().sources.iter().find(|source| source.name == name);
        let mut languages = BTreeMap::new();
        for document in &documents {
            *languages.entry(document.body.language.clone()).or_default() += 1;
        }
        let dated = documents.iter().filter_map(|document| document.body.dated.as_ref());
        let fetched = span(documents.iter().map(|document| &document.fetched)).unwrap_or_default();
        SourceUse {
            name: name.to_owned(),
            kind: source.map(|source| kind(source.kind)),
            address: source.filter(|source| source.is_remote()).map(|s| on_the_web(&s.from)),
            licenses: documents.iter().map(|document| document.body.license.clone()).collect(),
            documents: languages,
            dated: span(dated),
            fetched,
        }
    });
    used.collect()
}

/// The first and the last of times, which sort as text.
fn span<'a>(times: impl Iterator<Item = &'a String> + Clone) -> Option<(String, String)> {
    Some((times.clone().min()?.clone(), times.max()?.clone()))
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Folder => "folder",
        Kind::MedlineplusTopics => "medlineplus-topics",
        Kind::MedlineplusHandouts => "medlineplus-handouts",
        Kind::DrugLabels => "drug-labels",
        Kind::DrugApprovals => "drug-approvals",
    }
}

/// The address of a document as others may see it: of the web without what lets somebody in, of a
/// folder of the makers without where that folder is on their machine.
pub(crate) fn address(project: &Project, document: &NewDocument) -> String {
    let address = &document.address;
    if address.starts_with("http://") || address.starts_with("https://") {
        return on_the_web(address);
    }
    let is_far = |path: &str| path.starts_with(['/', '\\', '.']) || path.contains(':');
    if !is_far(address) {
        return address.clone();
    }
    let source = project.config().sources.iter().find(|source| source.name == document.source);
    let below = source.and_then(|source| address.strip_prefix(source.from.trim_end_matches('/')));
    let last = || address.rsplit(['/', '\\']).next().unwrap_or_default();
    let below = below.map_or_else(last, |below| below.trim_start_matches(['/', '\\']));
    format!("{}/{below}", document.source)
}

/// An address without user, password and keys.
fn on_the_web(address: &str) -> String {
    let Ok(mut url) = Url::parse(address) else { return String::new() };
    let is_secret = |name: &str| {
        let name = name.to_lowercase();
        ["key", "token", "secret", "password", "signature"].iter().any(|word| name.contains(word))
    };
    if url.username().is_empty()
        && url.password().is_none()
        && !url.query_pairs().any(|(name, _)| is_secret(&name))
    {
        return address.to_owned();
    }
    // These fail only for addresses without a host, which are none of the web.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| !is_secret(name))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(kept);
    }
    url.into()
}

/// Licences of the documents that are not the set's own, with how many documents have them.
pub fn other_licenses(
    project: &Project,
    documents: &BTreeMap<i64, Document>,
) -> BTreeMap<String, usize> {
    let own = project.config().license.trim();
    let mut licenses = BTreeMap::new();
    for document in documents.values() {
        let license = document.body.license.trim();
        if !license.eq_ignore_ascii_case(own) {
            *licenses.entry(license.to_owned()).or_default() += 1;
        }
    }
    licenses
}

/// All models that worked on the project.
pub fn models(project: &Project) -> Result<Vec<ModelUse>, StoreError> {
    let used = project.store().models()?.into_iter().map(|used| ModelUse {
        label: used.model.label(),
        identity: identity(&used.model),
        steps: used.work,
    });
    let mut used: Vec<ModelUse> = used.collect();
    used.sort_by(|a, b| (&a.label, &a.identity).cmp(&(&b.label, &b.identity)));
    Ok(used)
}

/// The identity without the address of the server, which is nobody's business where it is one's own.
fn identity(model: &ModelRef) -> String {
    match (&model.base_url, model.identity.split_once(" at ")) {
        (Some(_), Some((name, _))) => name.to_owned(),
        _ => model.identity.clone(),
    }
}

/// Task to the digests of the recipes that its published items were written by.
pub fn recipes(set: &Set) -> BTreeMap<String, BTreeSet<String>> {
    let digests = |chosen: &Vec<_>| {
        let of = |chosen: &crate::layout::Chosen| chosen.item.body.recipe.clone();
        chosen.iter().map(of).collect()
    };
    set.iter().map(|(task, chosen)| (task.clone(), digests(chosen))).collect()
}

/// Published items with a document, in any of their languages, that its source has changed or taken
/// away since.
pub fn outdated(project: &Project, set: &Set) -> Result<usize, StepError> {
    let mut current = BTreeSet::new();
    for language in project.languages() {
        current.extend(project.store().heads(&language.tag)?.into_iter().map(|head| head.id));
    }
    let gone = |chosen: &&crate::layout::Chosen| {
        let documents = chosen.texts.iter().map(|text| text.document);
        documents.chain([chosen.item.body.document]).any(|document| !current.contains(&document))
    };
    Ok(set.values().flatten().filter(gone).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_let_nobody_in_and_tell_no_folders() {
        for (address, shown) in [
            ("https://x.org/a?q=1", "https://x.org/a?q=1"),
            ("https://ana:pw@x.org/a", "https://x.org/a"),
            ("https://x.org/a?api_key=K&q=a+b", "https://x.org/a?q=a+b"),
            ("https://x.org/a?Token=K", "https://x.org/a"),
        ] {
            assert_eq!(on_the_web(address), shown);
        }
        let folder = tempfile::tempdir().unwrap();
        let sources = "[[sources]]\nname = \"far\"\nkind = \"folder\"\nfrom = \"/home/ana/papers/\"\n\
                       license = \"own\"\n";
        let project = crate::testing::project_with(folder.path(), &["honesty"], sources);
        let id = crate::testing::document(&project, "en", "flu", "text");
        let new = project.store().document(id).unwrap().body;
        for (source, from, shown) in [
            ("own", "documents/en/flu.txt", "documents/en/flu.txt"),
            ("far", "/home/ana/papers/en/flu.txt", "far/en/flu.txt"),
            ("gone", "/home/ana/papers/en/flu.txt", "gone/flu.txt"),
            ("gone", "../papers/flu.txt", "gone/flu.txt"),
            ("gone", "C:\\papers\\flu.txt", "gone/flu.txt"),
        ] {
            let new = NewDocument { source: source.into(), address: from.into(), ..new.clone() };
            assert_eq!(address(&project, &new), shown);
        }
    }

    #[test]
    fn a_server_of_ones_own_is_not_told() {
        let model = |base_url: Option<&str>, identity: &str| ModelRef {
            name: "openai/m".into(),
            base_url: base_url.map(str::to_owned),
            identity: identity.into(),
            price: None,
        };
        let own = model(Some("http://10.0.0.7/v1"), "m at http://10.0.0.7/v1");
        assert_eq!(identity(&own), "m");
        let theirs = model(None, "m at https://api.openai.com/v1");
        assert_eq!(identity(&theirs), "m at https://api.openai.com/v1");
        let local = model(None, "llama/m.gguf@sha256:00");
        assert_eq!(identity(&local), "llama/m.gguf@sha256:00");
    }
}
