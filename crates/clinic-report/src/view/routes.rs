//! What is at which address behind the token.

use super::marking::Marked;
use super::page::failure;
use super::query::Choice;
use super::{PageError, View};

/// Longest query that is read, in bytes.
const LONGEST_QUERY: usize = 8_192;

/// A request that was let in.
#[derive(Debug, Clone, Copy)]
pub enum Request<'a> {
    /// `GET` of what is behind the token, and its query.
    Get(&'a str, &'a str),
    /// `POST` to what is behind the token, and its body.
    Post(&'a str, &'a [u8]),
}

/// What is sent back.
#[derive(Debug, PartialEq, Eq)]
pub struct Reply {
    /// Status of HTTP.
    pub status: u16,
    /// Media type.
    pub kind: &'static str,
    /// Where to go instead.
    pub location: Option<String>,
    /// The body.
    pub body: String,
}

impl Reply {
    fn of(status: u16, kind: &'static str, body: impl Into<String>) -> Self {
        Self { status, kind, location: None, body: body.into() }
    }

    fn html(status: u16, page: maud::Markup) -> Self {
        Self::of(status, "text/html; charset=utf-8", page.into_string())
    }

    /// A page that says why there is no other.
    pub(super) fn refusal(status: u16, why: &str) -> Self {
        Self::html(status, failure(why))
    }
}

impl View {
    /// Answers a request; reads and writes the runs' stores.
    pub fn answer(&self, request: Request<'_>) -> Reply {
        match request {
            Request::Get("", query) => self.answer_page(query),
            Request::Get("view.css", _) => {
                Reply::of(200, "text/css; charset=utf-8", include_str!("view.css"))
            }
            Request::Get("view.js", _) => {
                Reply::of(200, "text/javascript; charset=utf-8", include_str!("view.js"))
            }
            Request::Get("icon.svg", _) => {
                Reply::of(200, "image/svg+xml", include_str!("icon.svg"))
            }
            Request::Post("mark", body) => match self.mark(body) {
                Marked::Stored(query) => {
                    // Read and written again, so that nothing else gets into a header.
                    let query = Choice::parse(&query).map_or_else(|_| String::new(), |c| c.query());
                    let location = Some(format!("./?{query}"));
                    Reply { location, ..Reply::of(303, "text/plain; charset=utf-8", "") }
                }
                Marked::Bad(why) => Reply::refusal(400, &why),
                Marked::Changed(why) => Reply::refusal(409, &why),
                Marked::Failed(why) => Reply::refusal(503, &why),
            },
            _ => Reply::refusal(404, "There is nothing at this address."),
        }
    }

    fn answer_page(&self, query: &str) -> Reply {
        if query.len() > LONGEST_QUERY {
            return Reply::refusal(414, "The address is too long.");
        }
        let page = Choice::parse(query).map_err(PageError::from).and_then(|c| self.page(&c));
        match page {
            Ok(page) => Reply::html(200, page),
            Err(PageError::Query(error)) => {
                Reply::refusal(400, &format!("The address cannot be read: {error}."))
            }
            Err(PageError::NotHere(why)) => Reply::refusal(404, &why),
            Err(PageError::Store(error)) => {
                Reply::refusal(500, &format!("The run cannot be read: {error}"))
            }
        }
    }
}
