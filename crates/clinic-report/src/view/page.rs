//! The page: filters above, the list on the left, the chosen sample on the right.

use std::collections::BTreeSet;

use clinic_engine::run::{Filter, Opinion, Run, State, StoreError};
use maud::{DOCTYPE, Markup, html};

use super::detail::{outcome, state_words};
use super::list::{Item, Listing};
use super::query::{Choice, MARKS, OUTCOMES, marks_name, scored_name};
use super::text::{first_words, language_name, thousands, visible};
use super::{PageError, View};

/// A choice of a menu: its value and its words.
type Options = Vec<(String, String)>;

/// The keys and what they do; `view.js` knows them too.
const KEYS: [(&str, &str); 13] = [
    ("j", "next sample"),
    ("k", "sample before"),
    ("/", "search for text"),
    ("f t", "filter by task"),
    ("f l", "filter by language"),
    ("f m", "filter by model"),
    ("f s", "filter by state of the response"),
    ("f v", "filter by verdict"),
    ("f k", "filter by marks"),
    ("f x", "clear all filters"),
    ("b", "another model beside it"),
    ("l", "another language beside it"),
    ("m", "mark a score as right or wrong"),
];

impl View {
    /// The whole page of a choice.
    pub(super) fn page(&self, choice: &Choice) -> Result<Markup, PageError> {
        let listing = self.list(choice)?;
        let shown = match &listing.chosen {
            Some(item) => Choice { whole: choice.whole, ..self.showing(choice, &listing, item) },
            None => choice.clone(),
        };
        let title = match &listing.chosen {
            Some(Item { entry, .. }) => {
                format!("{}, item {}, {}", entry.task, entry.item, language_name(&entry.language))
            }
            None => "No sample".to_owned(),
        };
        let link = |choice: Option<Choice>| choice.map(|choice| choice.link());
        let previous = link(self.previous(&shown, &listing));
        let next = link(self.next(&shown, &listing));
        Ok(frame(
            &title,
            html! {
                a.skip href="#sample" { "To the sample" }
                header.top {
                    (self.filters(choice)?)
                    (self.notices()?)
                }
                div.panes {
                    nav.list aria-label="Samples" { (self.listed(&shown, &listing)?) }
                    main #sample tabindex="-1" data-query=(shown.query()) {
                        @if let Some(item) = &listing.chosen {
                            div.bar {
                                h1 { (title) }
                                span.steps {
                                    @if let Some(previous) = previous {
                                        a rel="prev" href=(previous) { "‹ Before" }
                                    }
                                    @if let Some(next) = next {
                                        a rel="next" href=(next) { "Next ›" }
                                    }
                                    a href=(self.all_of(item)) { "All of this item" }
                                }
                                (self.beside(&shown, item)?)
                                button type="button" #copy hidden { "Copy link" }
                                button type="button" #keys hidden { "Keys" }
                            }
                            (self.explained(item))
                            (self.detail(&shown, item)?)
                        } @else {
                            p.none { "No sample to show. " a href="?" { "Clear all filters" } }
                        }
                    }
                }
                dialog #help aria-label="Keys" {
                    h2 { "Keys" }
                    dl {
                        @for (key, does) in KEYS { dt { kbd { (key) } } dd { (does) } }
                        dt { kbd { "c" } } dd { "copy the link of what is shown" }
                        dt { kbd { "Enter" } } dd { "in a menu: show what it says" }
                        dt { kbd { "Esc" } } dd { "leave a field, close this" }
                    }
                    form method="dialog" { button { "Close" } }
                }
            },
        ))
    }

    fn filters(&self, choice: &Choice) -> Result<Markup, StoreError> {
        let filter = &choice.filter;
        let runs = || self.runs.iter().map(|looked| &looked.run);
        let labels: Options =
            self.runs.iter().map(|l| (l.label.clone(), l.label.clone())).collect();
        let mut tasks = Vec::new();
        for task in runs().flat_map(Run::tasks) {
            if tasks.iter().all(|(name, _)| *name != task.name) {
                tasks.push((task.name.clone(), task.name.clone()));
            }
        }
        let mut languages = Vec::new();
        for tag in runs().flat_map(|run| &run.plan().languages) {
            if languages.iter().all(|(known, _)| known != tag) {
                languages.push((tag.clone(), language_name(tag).to_owned()));
            }
        }
        let states = State::ALL.map(|s| (s.name().to_owned(), state_words(s).to_owned())).to_vec();
        let mut verdicts = BTreeSet::new();
        for run in runs() {
            verdicts.extend(run.store().verdicts()?);
        }
        let mut outcomes: Options = verdicts.into_iter().map(|v| (v.clone(), v)).collect();
        outcomes
            .extend(OUTCOMES.iter().map(|(n, words, _)| ((*n).to_owned(), format!("({words})"))));
        let marks = MARKS.map(|(name, words, _)| (name.to_owned(), words.to_owned())).to_vec();
        let scored = filter.scored.as_ref().map(scored_name);
        let marked = filter.marked.map(|marked| marks_name(marked).to_owned());
        Ok(html! {
            form.filters role="search" method="get" action="" {
                @if self.runs.len() > 1 {
                    (menu("Model", "model", "all models", &labels, choice.model.as_ref()))
                }
                (menu("Task", "task", "all tasks", &tasks, filter.task.as_ref()))
                (menu("Language", "language", "all languages", &languages, filter.language.as_ref()))
                (menu("Response", "state", "in any state", &states, filter.state.as_ref()))
                (menu("Verdict", "verdict", "any or none", &outcomes, scored.as_ref()))
                (menu("Marks", "marks", "marked or not", &marks, marked.as_ref()))
                label {
                    "Text"
                    input type="search" name="text" value=[&filter.text] dir="auto" maxlength="300"
                        autocomplete="off" placeholder="in prompt, response, reasons";
                }
                @for (name, value) in [("item", &filter.item), ("beside", &choice.beside), ("with", &choice.with)] {
                    @if let Some(value) = value { input type="hidden" name=(name) value=(value); }
                }
                button { "Show" }
                a href="?" #clear { "Clear" }
            }
        })
    }

    /// What a reader must know of the runs.
    fn notices(&self) -> Result<Markup, StoreError> {
        let mut notices = Vec::new();
        for looked in &self.runs {
            let pending = looked.run.store().pending()?;
            if pending > 0 {
                let n = thousands(pending);
                notices.push(format!("{}: {n} prompts are not answered yet.", looked.label));
            }
            if looked.run.store().half_scored()? {
                let why = "some scores may be of an earlier scoring";
                notices.push(format!("{}: scoring is not finished; {why}.", looked.label));
            }
        }
        let data = |run: &Run| (run.plan().data.files.clone(), run.plan().tasks.clone());
        let first = self.runs.first().map(|looked| data(&looked.run));
        if self.runs.iter().any(|looked| Some(data(&looked.run)) != first) {
            let how = "samples belong together by task, language and item";
            let note = "what differs is said beside them";
            notices.push(format!("These runs are of different data or tasks: {how}, and {note}."));
        }
        Ok(html! { @for notice in notices { p.warning role="status" { (notice) } } })
    }

    fn listed(&self, shown: &Choice, listing: &Listing) -> Result<Markup, PageError> {
        let mut rows = Vec::new();
        for item in &listing.items {
            rows.push(self.row(shown, listing, item)?);
        }
        let earlier = self.page_before(shown, listing).map(|choice| choice.link());
        let later = self.next_page(shown, listing).map(|choice| choice.link());
        let searched = listing.searched.as_ref().map(|start| {
            Choice { start: start.clone(), sample: None, whole: false, ..shown.clone() }.link()
        });
        Ok(html! {
            @if let Some(earlier) = earlier { a.more href=(earlier) { "‹ Samples before these" } }
            @if rows.is_empty() && searched.is_none() {
                p.none { "No sample is like this. " a href="?" { "Clear all filters" } }
            }
            ol { @for row in rows { (row) } }
            @if let Some(searched) = searched {
                p.none { "The search has read enough for one page." }
                a.more href=(searched) { "Search on" }
            }
            @if let Some(later) = later { a.more href=(later) { "Samples after these ›" } }
        })
    }

    fn row(&self, shown: &Choice, listing: &Listing, item: &Item) -> Result<Markup, PageError> {
        let (looked, entry) = (&self.runs[item.run], &item.entry);
        let store = looked.run.store();
        let sample = store.sample(entry.id)?;
        let scores = store.scores(entry.id)?;
        let states = store.states(entry.id)?;
        let marks = store.marks_of(entry.id)?;
        let wrong = marks.iter().any(|mark| mark.opinion == Opinion::Wrong);
        let current = listing.chosen.as_ref() == Some(item);
        let link = self.showing(shown, listing, item).link();
        Ok(html! {
            li {
                a href=(link) aria-current=[current.then_some("true")] {
                    span.name {
                        b { (visible(&entry.item)) }
                        " " (language_name(&entry.language))
                        @if shown.filter.task.is_none() { " · " (entry.task) }
                        @if self.runs.len() > 1 && shown.model.is_none() { " · " (looked.label) }
                    }
                    (first_words(sample.question(), &entry.language))
                    span.chips {
                        @for state in states.iter().filter(|state| **state != State::Answered) {
                            span.chip.{ "state-" (state.name()) } { (state_words(*state)) }
                        }
                        @for (score, _) in &scores { (outcome(score)) }
                        @if !marks.is_empty() {
                            span.chip.{ "mark-" (if wrong { "wrong" } else { "right" }) } { "marked" }
                        }
                    }
                }
            }
        })
    }

    /// Menus of what can be shown beside a sample.
    fn beside(&self, shown: &Choice, item: &Item) -> Result<Markup, StoreError> {
        let own = &self.runs[item.run];
        let labels = self.runs.iter().map(|looked| looked.label.clone());
        let others: Options =
            labels.filter(|label| *label != own.label).map(|l| (l.clone(), l)).collect();
        let tags = own.run.store().languages_of(&item.entry.task, &item.entry.item)?;
        let languages: Options = tags
            .into_iter()
            .filter(|tag| *tag != item.entry.language)
            .map(|tag| (tag.clone(), language_name(&tag).to_owned()))
            .collect();
        let chosen = ["beside", "with", "whole"];
        Ok(html! {
            form.beside method="get" action="" {
                @for (name, value) in shown.pairs() {
                    @if !chosen.contains(&name) { input type="hidden" name=(name) value=(value); }
                }
                @if !others.is_empty() {
                    (menu("Beside", "beside", "no other model", &others, shown.beside.as_ref()))
                }
                @if !languages.is_empty() {
                    (menu("And in", "with", "no other language", &languages, shown.with.as_ref()))
                }
                button { "Show" }
            }
        })
    }

    /// Leads to an item in every language and of every model.
    fn all_of(&self, item: &Item) -> String {
        let (task, number) = (Some(item.entry.task.clone()), Some(item.entry.item.clone()));
        let filter = Filter { task, item: number, ..Filter::default() };
        Choice { filter, ..Choice::default() }.link()
    }

    /// What the task asks.
    fn explained(&self, item: &Item) -> Markup {
        let task = self.runs[item.run].run.task(&item.entry.task);
        html! {
            @if let Some(task) = task {
                details.asks {
                    summary { (task.title) " (" (task.dimension) "): what it asks" }
                    p { (task.asks) }
                }
            }
        }
    }
}

/// A menu; the first choice is none.
fn menu(
    words: &str,
    name: &str,
    nothing: &str,
    options: &Options,
    chosen: Option<&String>,
) -> Markup {
    let listed = chosen.is_none_or(|chosen| options.iter().any(|(value, _)| value == chosen));
    html! {
        label {
            (words)
            select name=(name) autocomplete="off" {
                option value="" { (nothing) }
                @for (value, words) in options {
                    option value=(value) selected[chosen == Some(value)] { (words) }
                }
                @if let (false, Some(chosen)) = (listed, chosen) {
                    option value=(chosen) selected { (chosen) }
                }
            }
        }
    }
}

/// A page that says why there is no other.
pub fn failure(why: &str) -> Markup {
    frame(
        "Not done",
        html! {
            main.failure tabindex="-1" {
                h1 { "Not done" }
                p role="alert" { (visible(why)) }
                p { a href="./" { "To the first sample" } }
            }
        },
    )
}

fn frame(title: &str, body: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " – clinic view" }
                link rel="icon" href="icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="view.css";
                script src="view.js" defer {}
            }
            body { (body) }
        }
    }
}
