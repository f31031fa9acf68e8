//! What a reviewer's form says, and what is made of it.

use std::collections::BTreeMap;

use clinic_report::server::field;

use super::Pages;
use crate::review::queue::{Queue, Reviewer};
use crate::store::{NewRating, StoreError};

/// Longest comment, in characters.
pub const LONGEST_COMMENT: usize = 4_000;

/// What came of a form.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Saved {
    /// It is in the store.
    Kept,
    /// It is not: the form is wrong, and why.
    Bad(String),
    /// It is not: the text is another now, or is no more.
    Changed {
        /// What happened.
        why: String,
        /// What the person had written, to be given back.
        comment: String,
    },
    /// It is not: the store cannot be written.
    Failed(String),
}

const BACK: &str = "The browser's way back leads to what you entered.";

impl Pages {
    /// Keeps what a form says, as one more row.
    pub(super) fn save(&self, reviewer: &Reviewer, body: &[u8]) -> Saved {
        match self.keep(reviewer, body) {
            Ok(saved) => saved,
            Err(error) => Saved::Failed(format!(
                "Nothing was saved, since the project cannot be written: {error}. Try it again: {BACK}"
            )),
        }
    }

    fn keep(&self, reviewer: &Reviewer, body: &[u8]) -> Result<Saved, StoreError> {
        let field = |name: &str| field(body, name);
        let comment = field("comment");
        if comment.chars().count() > LONGEST_COMMENT {
            let most = format!("A comment has up to {LONGEST_COMMENT} characters. {BACK}");
            return Ok(Saved::Bad(most));
        }
        let queue = Queue::of(&self.project, reviewer)?;
        let Some(key) = queue.find(&field("item"), &field("language")) else {
            let why = "Nothing was saved: meanwhile checks have blocked this text, or it is gone.";
            return Ok(Saved::Changed { why: why.to_owned(), comment });
        };
        let text = &queue.texts[key];
        if text.digest != field("digest") {
            let why = "Nothing was saved: the text has changed since it was shown to you. It will \
                come to you again as it is now.";
            return Ok(Saved::Changed { why: why.to_owned(), comment });
        }
        let skipped = field("do") == "skip";
        let mut marks = BTreeMap::new();
        for criterion in text.criteria(&self.project).into_iter().filter(|_| !skipped) {
            match field(&format!("mark-{}", criterion.name)).parse() {
                Ok(mark @ 1..=5) => marks.insert(criterion.name.clone(), mark),
                _ => {
                    let name = &criterion.name;
                    let why = format!("Rate '{name}' from 1 to 5, or skip this text. {BACK}");
                    return Ok(Saved::Bad(why));
                }
            };
        }
        self.project.store().rate(&[NewRating {
            item: key.0,
            language: key.1.clone(),
            digest: text.digest.clone(),
            reviewer: reviewer.name.clone(),
            skipped,
            r#unsafe: !skipped && field("unsafe") == "yes",
            marks,
            comment,
            via: "page".to_owned(),
        }])?;
        Ok(Saved::Kept)
    }
}
