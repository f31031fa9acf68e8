//! The chosen sample, and beside it the same item of another model or in another language.

use std::collections::BTreeMap;

use clinic_core::plain::plain;
use clinic_core::sample::Sample;
use clinic_core::score::{Outcome, Score};
use clinic_core::task::Task;
use clinic_engine::run::{Mark, Response, State};
use maud::{Markup, html};

use super::list::Item;
use super::query::Choice;
use super::text::{block, language_name, visible};
use super::{PageError, View, marking};

/// A sample with all that belongs to it.
struct Column<'a> {
    run: usize,
    sample: Sample,
    task: Option<&'a Task>,
    responses: Vec<Response>,
    scores: Vec<(Score, String)>,
    marks: Vec<Mark>,
}

impl View {
    /// The chosen sample and what is to be shown beside it.
    pub(super) fn detail(&self, choice: &Choice, item: &Item) -> Result<Markup, PageError> {
        let chosen = self.column(item.run, item.entry.id)?;
        let mut columns = vec![Ok(chosen)];
        let (task, number) = (&item.entry.task, &item.entry.item);
        if let Some(label) = &choice.beside {
            columns.push(match self.find(label) {
                Some(run) => self.named_column(run, task, number, &item.entry.language)?,
                None => Err(format!("No run here is of {label}.")),
            });
        }
        if let Some(language) = &choice.with {
            columns.push(self.named_column(item.run, task, number, language)?);
        }
        let chosen = columns.first().and_then(|column| column.as_ref().ok());
        Ok(html! {
            div.columns.{ "of-" (columns.len()) } {
                @for column in &columns {
                    @match column {
                        Err(why) => section.column { header { p.none { (why) } } },
                        Ok(column) => (self.one(choice, column, chosen)),
                    }
                }
            }
        })
    }

    fn named_column(
        &self,
        run: usize,
        task: &str,
        item: &str,
        language: &str,
    ) -> Result<Result<Column<'_>, String>, PageError> {
        let looked = &self.runs[run];
        Ok(match looked.run.store().find(task, item, language)? {
            Some(id) => Ok(self.column(run, id)?),
            None => {
                let language = language_name(language);
                Err(format!("{} has no item {item} of {task} in {language}.", looked.label))
            }
        })
    }

    fn column(&self, run: usize, id: i64) -> Result<Column<'_>, PageError> {
        let looked = &self.runs[run].run;
        let store = looked.store();
        let sample = store.sample(id)?;
        Ok(Column {
            run,
            task: looked.task(&sample.task),
            sample,
            responses: store.responses(id)?,
            scores: store.scores(id)?,
            marks: store.marks_of(id)?,
        })
    }

    fn one(&self, choice: &Choice, column: &Column<'_>, chosen: Option<&Column<'_>>) -> Markup {
        let looked = &self.runs[column.run];
        let sample = &column.sample;
        let differs = chosen.map_or_else(Vec::new, |chosen| differences(chosen, column));
        let more = whole(choice);
        let show = |text: &str| block(text, &sample.language, choice.whole, &more);
        let title = format!("{} in {}", looked.label, language_name(&sample.language));
        html! {
            section.column aria-label=(title) data-language=(sample.language) {
                header {
                    h2 { (looked.label) }
                    p.facts {
                        span { (language_name(&sample.language)) }
                        span { "item " (sample.item) }
                    }
                    @for what in differs { p.warning { (what) } }
                }
                div.asked {
                    @for variant in &sample.variants {
                        h3 { "Item" @if sample.variants.len() > 1 { ": " (variant.name) } }
                        (show(&variant.text))
                    }
                    @for response in &column.responses {
                        details {
                            summary {
                                "Prompt as sent"
                                @if column.responses.len() > 1 { ": " (response.variant) }
                            }
                            (show(&response.prompt))
                        }
                    }
                    @if !sample.references.is_empty() {
                        h3 { "References" }
                        @for (name, text) in &sample.references {
                            h4 { (name) }
                            (show(text))
                            @if let Some(english) = sample.english.get(name) {
                                details {
                                    summary { (name) " in English" }
                                    (block(english, "en", choice.whole, &more))
                                }
                            }
                        }
                    }
                    @if !sample.domains.is_empty() {
                        p.by { "Domains: " (visible(&sample.domains.join(", "))) }
                    }
                    @if let Some(source) = &sample.source {
                        p.by dir="auto" { "Source: " (visible(source)) }
                    }
                }
                div.answered {
                    @for response in &column.responses {
                        h3 {
                            "Response"
                            @if column.responses.len() > 1 { ": " (response.variant) }
                            " " span.chip.{ "state-" (response.state.name()) } {
                                (state_words(response.state))
                            }
                            @if response.truncated { " " span.chip { "cut at the token limit" } }
                        }
                        @if let Some(text) = &response.text { (show(text)) }
                        @if let Some(error) = &response.error { p.error { (visible(error)) } }
                        @if let Some(reasoning) = &response.reasoning {
                            details { summary { "Reasoning" } (show(reasoning)) }
                        }
                        @if let Some(raw) = &response.raw {
                            details { summary { "Reply as it came" } (show(raw)) }
                        }
                    }
                }
                div.scored {
                    h3 { "Scores" }
                    @if column.scores.is_empty() { p.none { "Not scored yet." } }
                    @for (score, scorer) in &column.scores {
                        (self.score(choice, column, score, scorer))
                    }
                    (earlier_marks(column))
                }
            }
        }
    }

    fn score(&self, choice: &Choice, column: &Column<'_>, score: &Score, scorer: &str) -> Markup {
        let looked = &self.runs[column.run];
        let question = column.task.and_then(|task| {
            task.scorer.questions().iter().find(|question| question.score == score.name)
        });
        let means = question
            .zip(score.verdict.as_ref())
            .and_then(|(question, verdict)| Some(question.verdict(verdict)?.means.as_str()));
        let marks: Vec<&Mark> =
            column.marks.iter().filter(|mark| mark.score == score.name).collect();
        let form = marking::Form {
            label: &looked.label,
            sample: &column.sample,
            score,
            scorer,
            verdicts: question.map_or_else(Vec::new, |question| {
                question.verdicts.iter().map(|verdict| verdict.name.as_str()).collect()
            }),
            name: &self.name,
            unmarkable: looked.unmarkable.as_deref(),
            back: choice.query(),
        };
        html! {
            article.score {
                h4 { (score.name) " " (outcome(score)) }
                @if let Some(means) = means { p.means { (means) } }
                @if let Some(why) = score.outcome.reason().or(score.why.as_deref()) {
                    p.by { "Reason given" }
                    (block(why, "", choice.whole, &whole(choice)))
                }
                p.by { "Scored by " (visible(scorer)) }
                @for mark in marks { (said(mark, score, scorer)) }
                (form.html())
            }
        }
    }
}

/// The link that shows all of every text.
fn whole(choice: &Choice) -> String {
    Choice { whole: true, ..choice.clone() }.link()
}

/// Marks of scores that the sample no longer has.
fn earlier_marks(column: &Column<'_>) -> Markup {
    let gone = |mark: &&Mark| column.scores.iter().all(|(score, _)| score.name != mark.score);
    let gone: Vec<&Mark> = column.marks.iter().filter(gone).collect();
    html! {
        @if !gone.is_empty() {
            h4 { "Marks of scores that are no more" }
            @for mark in gone {
                p.by { (visible(&mark.score)) }
                (quoted(mark, None))
            }
        }
    }
}

/// A mark below its score, with the score as it was where that has changed.
fn said(mark: &Mark, score: &Score, scorer: &str) -> Markup {
    let same =
        mark.outcome == score.outcome && mark.verdict == score.verdict && mark.scorer == scorer;
    let then = Score {
        name: mark.score.clone(),
        outcome: mark.outcome.clone(),
        verdict: mark.verdict.clone(),
        why: None,
    };
    quoted(mark, (!same).then_some(&then))
}

fn quoted(mark: &Mark, then: Option<&Score>) -> Markup {
    html! {
        blockquote.mark.{ "mark-" (mark.opinion.name()) } {
            p {
                b { (visible(&mark.name)) } " says: " b { (mark.opinion.name()) }
                @if let Some(should) = &mark.should_be {
                    ", should be " b dir="auto" { (visible(should)) }
                }
                " " time datetime=(mark.time) { (mark.time) }
            }
            @if !mark.comment.is_empty() { pre.text dir="auto" { (visible(&mark.comment)) } }
            @if let Some(then) = then {
                p.by { "said of " (outcome(then)) " by " (visible(&mark.scorer)) }
            }
        }
    }
}

/// What a score came to, as a chip.
pub fn outcome(score: &Score) -> Markup {
    let number = match &score.outcome {
        Outcome::Number(number) => Some(decimals(*number)),
        _ => None,
    };
    let words = match (&score.verdict, &score.outcome) {
        (Some(verdict), _) => verdict.clone(),
        (None, Outcome::Number(number)) => decimals(*number),
        (None, Outcome::Category(category)) => category.clone(),
        (None, Outcome::NotApplicable(_)) => "does not apply".to_owned(),
        (None, Outcome::NotScored(_)) => "not scored".to_owned(),
        (None, Outcome::Failed(_)) => "scoring failed".to_owned(),
    };
    html! {
        span.chip.{ "outcome-" (score.outcome.state()) } dir="auto" {
            (visible(&plain(&words, 80)))
            @if let (Some(number), true) = (number, score.verdict.is_some()) { " = " (number) }
        }
    }
}

fn decimals(number: f64) -> String {
    let text = format!("{number:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A state in words.
pub fn state_words(state: State) -> &'static str {
    match state {
        State::Pending => "not asked yet",
        State::Answered => "answered",
        State::Empty => "empty",
        State::CutOff => "cut off while reasoning",
        State::Filtered => "held back by the provider",
        State::Failed => "no answer",
    }
}

/// What two samples of one name do not share, language aside.
fn differences(chosen: &Column<'_>, column: &Column<'_>) -> Vec<&'static str> {
    let (a, b) = (&chosen.sample, &column.sample);
    if a.language != b.language {
        return Vec::new();
    }
    let prompts = |column: &Column<'_>| -> BTreeMap<String, String> {
        column.responses.iter().map(|r| (r.variant.clone(), r.prompt.clone())).collect()
    };
    let mut differences = Vec::new();
    if a.variants != b.variants {
        differences.push("The item is not the same text in both runs.");
    } else if prompts(chosen) != prompts(column) {
        differences.push("The prompt is not the same text in both runs.");
    }
    if a.references != b.references {
        differences.push("The references are not the same in both runs.");
    }
    differences
}
