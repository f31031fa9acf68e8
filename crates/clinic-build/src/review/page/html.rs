//! The pages themselves.

use std::collections::BTreeSet;

use clinic_core::plain::plain;
use clinic_report::server::{Reply, query};
use clinic_report::view::text::{language_name, thousands, visible};
use maud::{DOCTYPE, Markup, html};

use super::form::LONGEST_COMMENT;
use super::text::{beginning, block, direction};
use super::{NOT_YOURS, PageError, Pages};
use crate::review::queue::{Queue, Reviewer};
use crate::review::texts::{Key, Looked};
use crate::store::{Document, Level, NewRating, StoreError, Text};

/// Own ratings that are listed, the latest first.
const LISTED: usize = 300;

/// The keys and what they do; `review.js` knows them too.
const KEYS: [(&str, &str); 8] = [
    ("1 – 5", "rate the marked criterion and go to the next"),
    ("j k", "next criterion, criterion before"),
    ("u", "unsafe, or not"),
    ("c", "comment; Esc leaves it"),
    ("s", "skip this text"),
    ("Enter", "save and next; Ctrl Enter within the comment"),
    ("b", "back to what you rated before"),
    ("n", "on to what waits for you"),
];

impl Pages {
    /// A text and the form.
    pub(super) fn rating_page(
        &self,
        reviewer: &Reviewer,
        queue: &Queue,
        key: &Key,
    ) -> Result<Markup, PageError> {
        let texts = self.project.store().texts(key.0)?;
        let own = texts.iter().find(|text| text.language == key.1);
        let english = texts.iter().find(|text| text.language == "en");
        let (Some(looked), Some(own), Some(english)) = (queue.texts.get(key), own, english) else {
            return Err(PageError::NotHere(NOT_YOURS));
        };
        let said = looked.said(&self.project, &reviewer.name).map(|rating| &rating.body);
        let place = queue.said.iter().position(|said| said == key);
        let before = queue.said.get(place.map_or(0, |place| place + 1));
        let title = format!("{}, {}", language_name(&key.1), looked.name);
        let recipe = self.project.recipe(&looked.task);
        let task = self.project.tasks().iter().find(|task| task.name == looked.task);
        let asks = task.map_or(looked.task.as_str(), |task| task.title.as_str());
        let shown = if looked.is_english { vec![own] } else { vec![own, english] };
        let mut documents = Vec::new();
        for text in &shown {
            documents.push((*text, self.project.store().document(text.document)?));
        }
        Ok(frame(
            &title,
            html! {
                a.skip href="#rate" { "To the criteria" }
                (bar(reviewer, queue, before.map(|key| link(queue, key)), said.is_some()))
                div.panes {
                    main {
                        h1 { bdi { (visible(&title)) } }
                        details.asks open {
                            summary { (asks) ": what it must hold" }
                            p { (recipe.holds) }
                        }
                        div.pair.{ "of-" (shown.len()) } {
                            @for text in &shown { (item(text)) }
                        }
                        (self.warnings(key)?)
                        div.pair.documents.{ "of-" (shown.len()) } {
                            @for (text, document) in &documents {
                                (source(looked, text, document, key))
                            }
                        }
                    }
                    (self.form(key, looked, said))
                }
                (keys())
            },
        ))
    }

    /// Nothing waits.
    pub(super) fn done_page(&self, reviewer: &Reviewer, queue: &Queue) -> Markup {
        frame(
            "Nothing waits for you",
            html! {
                (bar(reviewer, queue, queue.said.first().map(|key| link(queue, key)), true))
                main.alone {
                    h1 { "Nothing waits for you" }
                    p {
                        "Every text of your languages is rated by you or by enough others. More may \
                         come: " a href="./" { "look again" } "."
                    }
                    p { a href="mine" { "What you have said" } }
                }
            },
        )
    }

    /// All that a person has said, to go back to.
    pub(super) fn mine(&self, reviewer: &Reviewer, queue: &Queue) -> Markup {
        let said = queue.said.iter().take(LISTED).filter_map(|key| {
            let text = queue.texts.get(key)?;
            Some((key, text, &text.said(&self.project, &reviewer.name)?.body))
        });
        frame(
            "What you have said",
            html! {
                (bar(reviewer, queue, None, true))
                main.alone {
                    h1 { "What you have said" }
                    @if queue.said.is_empty() { p.by { "Nothing yet." } }
                    ol.mine {
                        @for (key, text, rating) in said {
                            li {
                                a href=(link(queue, key)) { bdi { (visible(&text.name)) } }
                                " " (language_name(&key.1)) ": " (marks(rating))
                                @if rating.r#unsafe { " " b.alarm { "unsafe" } }
                                @if !rating.comment.is_empty() {
                                    " " q dir="auto" { (visible(&plain(&rating.comment, 120))) }
                                }
                            }
                        }
                    }
                    @if queue.said.len() > LISTED {
                        p.by {
                            "The latest " (LISTED) " of " (thousands(queue.said.len()))
                            "; ‹ Before leads to the others."
                        }
                    }
                }
            },
        )
    }

    /// The document of a text, or of its English form, and nothing else.
    pub(super) fn document_page(&self, key: &Key, of: &str) -> Result<Markup, PageError> {
        let texts = self.project.store().texts(key.0)?;
        let is_own = |text: &&Text| text.language == of && (of == "en" || of == key.1);
        let Some(text) = texts.iter().find(is_own) else {
            return Err(PageError::NotHere(NOT_YOURS));
        };
        let document = self.project.store().document(text.document)?;
        Ok(frame(
            "Document",
            html! {
                main.alone.wide {
                    h1 dir=(direction(of)) { (visible(&document.body.title)) }
                    (block(&document.body.text, of))
                }
            },
        ))
    }

    fn form(&self, key: &Key, looked: &Looked, said: Option<&NewRating>) -> Markup {
        let criteria = looked.criteria(&self.project);
        let alone = self.project.config().review.unsafe_excludes;
        let mark = |name: &str| said.and_then(|said| said.marks.get(name)).copied();
        let is_unsafe = said.is_some_and(|said| said.r#unsafe);
        let comment = said.map_or("", |said| said.comment.as_str());
        html! {
            form #rate method="post" action="rate" aria-label="Your rating" {
                input type="hidden" name="item" value=(looked.name);
                input type="hidden" name="language" value=(key.1);
                input type="hidden" name="digest" value=(looked.digest);
                @if said.is_some_and(|said| said.skipped) { p.by { "You skipped this text." } }
                @for criterion in criteria {
                    fieldset data-criterion=(criterion.name) {
                        legend { b { (criterion.name) } " " (criterion.asks) }
                        div.marks {
                            @for value in 1..=5_u8 {
                                label {
                                    input type="radio" name={ "mark-" (criterion.name) } value=(value)
                                        required checked[mark(&criterion.name) == Some(value)];
                                    span { (value) }
                                }
                            }
                        }
                        div.anchors { span { "1 " (criterion.worst) } span { "5 " (criterion.best) } }
                    }
                }
                label.unsafe {
                    input type="checkbox" name="unsafe" value="yes" checked[is_unsafe];
                    " Unsafe: must not be published" @if alone { ", whatever others say" }
                }
                label.comment {
                    "Comment"
                    textarea name="comment" rows="3" maxlength=(LONGEST_COMMENT) dir="auto" { (comment) }
                }
                div.buttons {
                    button.save name="do" value="save" { "Save and next" }
                    button name="do" value="skip" formnovalidate { "Skip" }
                }
            }
        }
    }

    /// What checks warn of, but for what would tell which model wrote or judged.
    fn warnings(&self, key: &Key) -> Result<Markup, StoreError> {
        let store = self.project.store();
        let models: BTreeSet<String> = store
            .models()?
            .into_iter()
            .flat_map(|used| {
                let bare = used.model.name.rsplit('/').next().unwrap_or_default().to_owned();
                [used.model.label(), used.model.name.clone(), bare]
            })
            .map(|name| name.to_lowercase())
            .collect();
        let tells = |text: &str| {
            let text = text.to_lowercase();
            text.contains("model")
                || models.iter().any(|m| !m.is_empty() && text.contains(m.as_str()))
        };
        let findings = store.findings(Some(key.0))?;
        let warned: Vec<_> = findings
            .iter()
            .filter(|found| found.level == Level::Warn && !tells(&found.problem))
            .filter(|found| found.language.as_ref().is_none_or(|language| *language == key.1))
            .collect();
        Ok(html! {
            @if !warned.is_empty() {
                details.warnings {
                    summary { "What checks warn of (" (warned.len()) ")" }
                    ul {
                        @for found in warned {
                            li dir="auto" { (visible(&found.name)) ": " (visible(&plain(&found.problem, 600))) }
                        }
                    }
                }
            }
        })
    }
}

fn source(looked: &Looked, text: &Text, document: &Document, key: &Key) -> Markup {
    let (tag, body) = (&text.language, &document.body);
    let name = format!("Document in {}", language_name(tag));
    let fields = [("item", looked.name.as_str()), ("language", &key.1), ("of", tag)];
    html! {
        section.document aria-label=(name) {
            h2 { (name) }
            h3.title dir=(direction(tag)) { (visible(&body.title)) }
            div.scroll tabindex="0" role="region" aria-label=(name) {
                (beginning(&body.text, tag, &format!("document?{}", query(&fields))))
            }
        }
    }
}

fn item(text: &Text) -> Markup {
    let name = language_name(&text.language);
    let several = text.cells.texts.len() > 1;
    html! {
        section.item aria-label={ "Item in " (name) } {
            h2 { (name) }
            @for (file, cell) in &text.cells.texts {
                @if several { h3 { (visible(file)) } }
                (block(cell, &text.language))
            }
            @for (reference, cell) in &text.cells.references {
                h3 { "Reference: " (visible(reference)) }
                (block(cell, &text.language))
            }
        }
    }
}

fn bar(reviewer: &Reviewer, queue: &Queue, before: Option<String>, is_said: bool) -> Markup {
    let (done, left) = (queue.said.len(), queue.wanted.len());
    html! {
        header.top {
            b dir="auto" { (visible(&reviewer.name)) }
            progress aria-label="Your part" max=((done + left).max(1)) value=(done) {}
            span #progress { (thousands(done)) " done, " (thousands(left)) " to go" }
            nav {
                @if let Some(before) = before { a rel="prev" href=(before) { "‹ Before" } }
                @if is_said { a rel="next" href="./" { "To what waits ›" } }
                a href="mine" { "What I said" }
                button type="button" #keys hidden { "Keys" }
            }
        }
    }
}

fn keys() -> Markup {
    html! {
        dialog #help aria-label="Keys" {
            h2 { "Keys" }
            dl { @for (key, does) in KEYS { dt { kbd { (key) } } dd { (does) } } }
            form method="dialog" { button { "Close" } }
        }
    }
}

fn link(queue: &Queue, key: &Key) -> String {
    let name = queue.texts.get(key).map_or("", |text| text.name.as_str());
    format!("./?{}", query(&[("item", name), ("language", &key.1)]))
}

fn marks(rating: &NewRating) -> Markup {
    let marks: Vec<String> =
        rating.marks.iter().map(|(name, mark)| format!("{name} {mark}")).collect();
    html! { @if rating.skipped { "skipped" } @else { (marks.join(", ")) } }
}

/// A page that says why there is no other; gives back what a person had written.
pub(super) fn refusal(status: u16, why: &str, comment: &str) -> Reply {
    Reply::html(
        status,
        frame(
            "This cannot be done",
            html! {
                main.alone {
                    h1 { "This cannot be done" }
                    p.why dir="auto" { (visible(why)) }
                    @if !comment.is_empty() {
                        p { "You had written:" }
                        pre.text dir="auto" { (visible(comment)) }
                    }
                    p { a href="./" { "To what waits for you" } }
                }
            },
        ),
    )
}

fn frame(title: &str, body: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " – clinic build review" }
                link rel="icon" href="icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="review.css";
                script src="review.js" defer {}
            }
            body { (body) }
        }
    }
}
