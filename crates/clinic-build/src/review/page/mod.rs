//! The reviewers' page: a text at a time beside its English form and its documents, and a form.
//!
//! A page is made on the spot from the store; what is said goes there as one more row. It never
//! shows what others said, which model wrote a text, or how often it was asked.
//! `clinic_report::server` lets nobody in who does not know a token; each reviewer has one.

mod form;
mod html;
mod text;

use clinic_report::server::{Reply, Request, Site, field};

pub(super) use self::form::LONGEST_COMMENT;
use self::form::Saved;
use super::queue::{Queue, Reviewer};
use super::texts::Key;
use crate::Project;
use crate::store::StoreError;

/// Longest query that is read, in bytes.
const LONGEST_QUERY: usize = 8_192;

/// The pages of all reviewers, by the numbers of their tokens.
pub struct Pages {
    project: Project,
    reviewers: Vec<Reviewer>,
}

/// Why a page cannot be made.
#[derive(Debug, thiserror::Error)]
enum PageError {
    #[error("{0}")]
    NotHere(&'static str),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What there is of a text that is no business of whoever asks, or is not there at all.
const NOT_YOURS: &str = "There is no such text for you: it is not there, it is not of your \
    languages, checks have blocked it, or it wants no more ratings.";

impl Pages {
    /// Pages of a project for these people.
    pub fn new(project: Project, reviewers: Vec<Reviewer>) -> Self {
        Self { project, reviewers }
    }

    fn get(&self, reviewer: &Reviewer, path: &str, query: &str) -> Result<Reply, PageError> {
        let queue = Queue::of(&self.project, reviewer)?;
        let page = match path {
            "" => match self.chosen(&queue, query)? {
                Some(key) => self.rating_page(reviewer, &queue, &key)?,
                None => self.done_page(reviewer, &queue),
            },
            "mine" => self.mine(reviewer, &queue),
            "document" => match self.chosen(&queue, query)? {
                Some(key) => self.document_page(&key, &field(query.as_bytes(), "of"))?,
                None => return Err(PageError::NotHere(NOT_YOURS)),
            },
            _ => return Err(PageError::NotHere("There is nothing at this address.")),
        };
        Ok(Reply::html(200, page))
    }

    /// The text that a query names, or the next one.
    fn chosen(&self, queue: &Queue, query: &str) -> Result<Option<Key>, PageError> {
        let name = field(query.as_bytes(), "item");
        if name.is_empty() {
            return Ok(queue.wanted.first().cloned());
        }
        let key = queue.find(&name, &field(query.as_bytes(), "language"));
        let own = key.filter(|key| queue.is_own(key)).cloned();
        own.map(Some).ok_or(PageError::NotHere(NOT_YOURS))
    }
}

impl Site for Pages {
    fn answer(&self, who: usize, request: Request<'_>) -> Reply {
        let Some(reviewer) = self.reviewers.get(who) else {
            return html::refusal(404, "There is nothing at this address.", "");
        };
        match request {
            Request::Get("review.css", _) => {
                Reply::of(200, "text/css; charset=utf-8", include_str!("review.css"))
            }
            Request::Get("review.js", _) => {
                Reply::of(200, "text/javascript; charset=utf-8", include_str!("review.js"))
            }
            Request::Get("icon.svg", _) => {
                Reply::of(200, "image/svg+xml", include_str!("icon.svg"))
            }
            Request::Get(_, query) if query.len() > LONGEST_QUERY => {
                html::refusal(414, "The address is too long.", "")
            }
            Request::Get(path, query) => match self.get(reviewer, path, query) {
                Ok(page) => page,
                Err(PageError::NotHere(why)) => html::refusal(404, why, ""),
                Err(PageError::Store(error)) => {
                    html::refusal(500, &format!("The project cannot be read: {error}"), "")
                }
            },
            Request::Post("rate", body) => match self.save(reviewer, body) {
                Saved::Kept => {
                    let location = Some("./".to_owned());
                    Reply { location, ..Reply::of(303, "text/plain; charset=utf-8", "") }
                }
                Saved::Bad(why) => html::refusal(400, &why, ""),
                Saved::Changed { why, comment } => html::refusal(409, &why, &comment),
                Saved::Failed(why) => html::refusal(503, &why, ""),
            },
            Request::Post(..) => html::refusal(404, "There is nothing at this address.", ""),
        }
    }

    fn refusal(&self, status: u16, why: &str) -> Reply {
        html::refusal(status, why, "")
    }
}
