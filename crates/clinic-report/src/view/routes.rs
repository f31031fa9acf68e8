//! What is at which address behind the token.

use super::marking::Marked;
use super::page::failure;
use super::query::Choice;
use super::{PageError, View};
use crate::server::{Reply, Request, Site};

/// Longest query that is read, in bytes.
const LONGEST_QUERY: usize = 8_192;

impl Site for View {
    fn answer(&self, _: usize, request: Request<'_>) -> Reply {
        View::answer(self, request)
    }

    fn refusal(&self, status: u16, why: &str) -> Reply {
        refusal(status, why)
    }
}

fn refusal(status: u16, why: &str) -> Reply {
    Reply::html(status, failure(why))
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
                Marked::Bad(why) => refusal(400, &why),
                Marked::Changed(why) => refusal(409, &why),
                Marked::Failed(why) => refusal(503, &why),
            },
            _ => refusal(404, "There is nothing at this address."),
        }
    }

    fn answer_page(&self, query: &str) -> Reply {
        if query.len() > LONGEST_QUERY {
            return refusal(414, "The address is too long.");
        }
        let page = Choice::parse(query).map_err(PageError::from).and_then(|c| self.page(&c));
        match page {
            Ok(page) => Reply::html(200, page),
            Err(PageError::Query(error)) => {
                refusal(400, &format!("The address cannot be read: {error}."))
            }
            Err(PageError::NotHere(why)) => refusal(404, &why),
            Err(PageError::Store(error)) => {
                refusal(500, &format!("The run cannot be read: {error}"))
            }
        }
    }
}
