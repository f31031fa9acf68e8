//! Pages of records: from a file, or from openFDA's interface by its paging.

use reqwest::Url;
use serde_json::Value;

use super::super::desk::{Desk, Found};
use super::super::fetch::Failed;
use super::super::why::Why;

/// Records that are asked for at a time; openFDA allows 1,000, and labels are long.
const PAGE: usize = 100;

/// The largest `skip` that openFDA takes.
const FARTHEST: usize = 25_000;

/// Pages at most; Drugs@FDA has about 300 of these.
const MOST: usize = 5_000;

/// A page of records.
pub struct Page {
    /// The records.
    pub records: Vec<Value>,
    /// Records in all, as the server says.
    pub total: usize,
}

/// Pages of records, one after the other.
pub struct Pages {
    next: Option<Place>,
    search: Option<String>,
    seen: usize,
    asked: usize,
}

enum Place {
    File,
    Address(Url),
}

impl Pages {
    /// The pages of the desk's source. Given `search` goes to a server alone; a file is read as it is.
    pub fn new(desk: &Desk<'_, '_>, search: Option<String>) -> Result<Self, Failed> {
        let next = match desk.home()? {
            None => Place::File,
            Some(home) => Place::Address(asking(&home, search.as_deref(), page_size(desk), 0)),
        };
        Ok(Self { next: Some(next), search, seen: 0, asked: 0 })
    }

    /// The next page; none behind the last.
    pub async fn next(&mut self, desk: &mut Desk<'_, '_>) -> Result<Option<Page>, Failed> {
        let Some(place) = self.next.take() else { return Ok(None) };
        self.asked += 1;
        let found = match &place {
            Place::File => desk.open().await?,
            Place::Address(address) => match desk.fetch(address).await {
                // openFDA's word for a search that finds nothing.
                Err(Failed::Why(Why::Absent(_))) if self.seen == 0 => return Ok(None),
                other => other?,
            },
        };
        let next = found.next.clone();
        let page = parse(desk, found).await?;
        self.seen += page.records.len();
        if matches!(place, Place::Address(_)) && !page.records.is_empty() && self.asked < MOST {
            self.next = self.follow(desk, next, page.total)?;
        }
        Ok(Some(page))
    }

    fn follow(
        &self,
        desk: &Desk<'_, '_>,
        next: Option<String>,
        total: usize,
    ) -> Result<Option<Place>, Failed> {
        if self.seen >= total {
            return Ok(None);
        }
        if let Some(next) = next.and_then(|next| Url::parse(&next).ok()) {
            return Ok(Some(Place::Address(next)));
        }
        if self.seen > FARTHEST {
            let why = "openFDA shows no more than 25,000 records of a search; narrow 'search'";
            return Err(Why::Long(why.into()).into());
        }
        let home = desk.home()?;
        let search = self.search.as_deref();
        let next = home.map(|home| asking(&home, search, page_size(desk), self.seen));
        Ok(next.map(Place::Address))
    }
}

/// The address of a search. In openFDA's syntax a plus is a space, and so it is in an address.
pub fn asking(home: &Url, search: Option<&str>, limit: usize, skip: usize) -> Url {
    let mut url = home.clone();
    let own = ["search", "limit", "skip"];
    let pairs = home.query_pairs().into_owned();
    let kept: Vec<(String, String)> =
        pairs.filter(|(name, _)| !own.contains(&name.as_str())).collect();
    url.set_query(None);
    {
        let mut query = url.query_pairs_mut();
        query.extend_pairs(kept);
        if let Some(search) = search {
            query.append_pair("search", &search.replace('+', " "));
        }
        query.append_pair("limit", &limit.to_string());
        if skip > 0 {
            query.append_pair("skip", &skip.to_string());
        }
    }
    url
}

/// The search of a source: its own key, or that of its address.
pub fn search_of(desk: &Desk<'_, '_>) -> Result<Option<String>, Failed> {
    if desk.source.search.is_some() {
        return Ok(desk.source.search.clone());
    }
    let of =
        |home: Url| home.query_pairs().find(|(name, _)| name == "search").map(|(_, s)| s.into());
    Ok(desk.home()?.and_then(of))
}

fn page_size(desk: &Desk<'_, '_>) -> usize {
    desk.source.limit.unwrap_or(PAGE).clamp(1, PAGE)
}

/// A page's records: all of it is JSON as openFDA writes it, or nothing is read.
async fn parse(desk: &Desk<'_, '_>, found: Found) -> Result<Page, Failed> {
    let bytes = found.bytes;
    let page: Result<Value, _> = desk.apart(move || serde_json::from_slice(&bytes)).await?;
    let mut page = page
        .map_err(|error| Why::Unreadable(format!("{} is no whole JSON: {error}", found.address)))?;
    let total = page["meta"]["results"]["total"].as_u64();
    match page["results"].take() {
        Value::Array(records) => {
            let total = total.map_or(records.len(), |total| total as usize);
            Ok(Page { records, total })
        }
        _ => Err(Why::Unreadable(format!("{} holds no list 'results'", found.address)).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_written_as_openfda_reads_it() {
        let home = Url::parse("https://api.example/drug/label.json?limit=5&x=1").unwrap();
        let url = asking(&home, Some("a:\"b c\"+AND+d:[1+TO+2]"), 100, 200);
        assert_eq!(
            url.as_str(),
            "https://api.example/drug/label.json?x=1&search=a%3A%22b+c%22+AND+d%3A%5B1+TO+2%5D\
             &limit=100&skip=200"
        );
    }
}
