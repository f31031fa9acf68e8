//! Marks: the form below a score, and what is made of it when it comes back.

use clinic_core::digest;
use clinic_core::sample::Sample;
use clinic_core::score::Score;
use clinic_engine::run::{MarkError, NewMark, Opinion};
use maud::{Markup, html};

use super::View;

/// Longest comment, and longest other field, in characters.
const LONGEST: usize = 10_000;
const LONGEST_FIELD: usize = 200;

/// The form below a score.
pub struct Form<'a> {
    /// The run's label.
    pub label: &'a str,
    /// The sample.
    pub sample: &'a Sample,
    /// The score.
    pub score: &'a Score,
    /// Who gave it.
    pub scorer: &'a str,
    /// Verdicts that it could have.
    pub verdicts: Vec<&'a str>,
    /// Who marks.
    pub name: &'a str,
    /// Why nobody can.
    pub unmarkable: Option<&'a str>,
    /// The query of the page that it is on.
    pub back: String,
}

impl Form<'_> {
    /// The form, closed until it is wanted.
    pub fn html(&self) -> Markup {
        let Sample { task, language, item, .. } = self.sample;
        let names = format!(
            "{}-{}-{language}",
            self.score.name,
            &digest::hex(&[self.label.as_bytes()])[..8]
        );
        html! {
            @if let Some(why) = self.unmarkable {
                p.none { (why) }
            } @else {
                details.marking {
                    summary { "Mark as right or wrong" }
                    form method="post" action="mark" {
                        input type="hidden" name="of" value=(self.label);
                        input type="hidden" name="task" value=(task);
                        input type="hidden" name="language" value=(language);
                        input type="hidden" name="item" value=(item);
                        input type="hidden" name="score" value=(self.score.name);
                        input type="hidden" name="seen" value=(seen(self.score, self.scorer));
                        input type="hidden" name="back" value=(self.back);
                        fieldset {
                            legend { "The score " b { (self.score.name) } " is" }
                            label { input type="radio" name="opinion" value="wrong" checked; " wrong" }
                            label { input type="radio" name="opinion" value="right"; " right" }
                            label {
                                input type="radio" name="opinion" value="withdrawn";
                                " (take back what I said)"
                            }
                        }
                        label {
                            "It should be "
                            input name="should_be" list=(names) maxlength=(LONGEST_FIELD) dir="auto"
                                autocomplete="off";
                        }
                        datalist id=(names) {
                            @for verdict in &self.verdicts { option value=(verdict) {} }
                        }
                        label {
                            "Why "
                            textarea name="comment" rows="3" maxlength=(LONGEST) dir="auto" {}
                        }
                        label {
                            "Your name "
                            input name="name" value=(self.name) required maxlength=(LONGEST_FIELD)
                                dir="auto";
                        }
                        button { "Store the mark" }
                    }
                }
            }
        }
    }
}

/// What a person saw of a score, as a hash: a mark must not land on another.
fn seen(score: &Score, scorer: &str) -> String {
    digest::hex(&[serde_json::json!([score.outcome, score.verdict, scorer]).to_string().as_bytes()])
}

/// What came of a mark.
pub enum Marked {
    /// It is stored; the query leads back.
    Stored(String),
    /// It is not, and why: the request was wrong.
    Bad(String),
    /// It is not: the score has changed.
    Changed(String),
    /// It is not: the run cannot be written, now or ever.
    Failed(String),
}

impl View {
    /// Stores what a form says.
    pub(super) fn mark(&self, body: &[u8]) -> Marked {
        let field = |name: &str| crate::server::field(body, name);
        let bad = |what: &str| Marked::Bad(what.to_owned());
        let Some(run) = self.find(&field("of")) else {
            return bad("No run here has this name.");
        };
        let store = self.runs[run].run.store();
        let Some(opinion) = Opinion::parse(&field("opinion")) else {
            return bad("Say whether the score is right or wrong.");
        };
        let (name, comment, should_be) = (field("name"), field("comment"), field("should_be"));
        if clinic_core::plain::plain(&name, LONGEST_FIELD) != name || name.is_empty() {
            return bad("Give a name, on one line, without control characters.");
        }
        if opinion == Opinion::Wrong && comment.is_empty() {
            return bad(
                "Say why the score is wrong. The browser's way back leads to what you wrote.",
            );
        }
        let too_long = |text: &str, most: usize| text.chars().count() > most;
        if too_long(&comment, LONGEST) || too_long(&should_be, LONGEST_FIELD) {
            return bad("The text is too long.");
        }
        let (score, seen_then) = (field("score"), field("seen"));
        let found = store.find(&field("task"), &field("item"), &field("language"));
        let scores = found.and_then(|id| {
            let id = id.unwrap_or_default();
            Ok((id, store.scores(id)?))
        });
        let (sample, scores) = match scores {
            Ok(scores) => scores,
            Err(error) => return Marked::Failed(error.to_string()),
        };
        let now = scores.into_iter().find(|(now, _)| now.name == score);
        let Some((score, scorer)) = now.filter(|(now, by)| seen(now, by) == seen_then) else {
            return Marked::Changed(MarkError::Changed(score).to_string());
        };
        let should_be = (!should_be.is_empty()).then_some(should_be);
        let new = NewMark { sample, score, scorer, opinion, should_be, comment, name };
        match store.add_mark(&new) {
            Ok(()) => Marked::Stored(field("back")),
            Err(error @ MarkError::Changed(_)) => Marked::Changed(error.to_string()),
            Err(error) => Marked::Failed(error.to_string()),
        }
    }
}
