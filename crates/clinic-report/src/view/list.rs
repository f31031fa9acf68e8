//! The list of samples: one page of it, run after run, and what comes before and after the chosen one.

use clinic_engine::run::{Entry, Filter, SEARCHED_SAMPLES};

use super::query::{Choice, Key, Place, Start};
use super::{PageError, View};

/// Samples of a page.
pub const PAGE: usize = 50;

/// A sample of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The run's number in the view.
    pub run: usize,
    /// The sample.
    pub entry: Entry,
}

/// A page of the list.
#[derive(Debug, Default)]
pub struct Listing {
    /// Its samples.
    pub items: Vec<Item>,
    /// The first sample behind it.
    pub next: Option<Item>,
    /// Whether there may be samples before it.
    pub earlier: bool,
    /// Where a search for text stopped and can be gone on with.
    pub searched: Option<Start>,
    /// The sample to be shown.
    pub chosen: Option<Item>,
}

/// Samples of runs from a place on, and where a search for them stopped.
type Leaf = (Vec<Item>, Option<Place>);

impl View {
    /// The page of the list that a choice asks for.
    pub(super) fn list(&self, choice: &Choice) -> Result<Listing, PageError> {
        let runs = match &choice.model {
            None => (0..self.runs.len()).collect(),
            Some(label) => vec![self.known(label)?],
        };
        let named = self.named(choice)?;
        let filter = &choice.filter;
        let mut last = None;
        let start = match (&choice.start, &named) {
            (Start::After(place), _) => (self.known(&place.run)?, place.id),
            (Start::Before(place), _) => {
                let end = (self.known(&place.run)?, place.id);
                let (before, searched) = self.leaf(filter, &runs, end, true, PAGE)?;
                last = before.last().cloned();
                match (before.first(), searched) {
                    (None, Some(place)) => {
                        let searched = Some(Start::Before(place));
                        return Ok(Listing { searched, chosen: named, ..Listing::default() });
                    }
                    (Some(first), searched) if before.len() == PAGE || searched.is_some() => {
                        (first.run, first.entry.id - 1)
                    }
                    // Less than a page is before it: the list begins.
                    _ => (0, 0),
                }
            }
            (Start::Anywhere, Some(item)) => (item.run, item.entry.id - 1),
            (Start::Anywhere, None) => (0, 0),
        };
        let (mut items, searched) = self.leaf(filter, &runs, start, false, PAGE + 1)?;
        let next = if items.len() > PAGE { items.pop() } else { None };
        let begins = items.first().map(|first| (first.run, first.entry.id));
        let earlier = match begins {
            // To know it would take another search.
            Some(_) if filter.text.is_some() => start != (0, 0),
            Some(begins) => !self.leaf(filter, &runs, begins, true, 1)?.0.is_empty(),
            None => start != (0, 0),
        };
        let chosen = named.or(last).or_else(|| items.first().cloned());
        Ok(Listing { items, next, earlier, searched: searched.map(Start::After), chosen })
    }

    /// The sample that a choice names.
    fn named(&self, choice: &Choice) -> Result<Option<Item>, PageError> {
        let Some((label, key)) = &choice.sample else { return Ok(None) };
        let run = self.known(label)?;
        let id = self.runs[run].run.store().find(&key.task, &key.item, &key.language)?;
        let id = id.ok_or_else(|| {
            let (task, language, item) = (&key.task, &key.language, &key.item);
            PageError::NotHere(format!("{label} has no item {item} of {task} in {language}"))
        })?;
        let (task, language, item) = (key.task.clone(), key.language.clone(), key.item.clone());
        Ok(Some(Item { run, entry: Entry { id, task, language, item } }))
    }

    fn known(&self, label: &str) -> Result<usize, PageError> {
        self.find(label).ok_or_else(|| {
            let labels: Vec<&str> = self.runs.iter().map(|looked| looked.label.as_str()).collect();
            let known = labels.join(", ");
            PageError::NotHere(format!("no run here is of '{label}'; here are: {known}"))
        })
    }

    /// At most `limit` samples of some runs from a place on, in the order of the list.
    fn leaf(
        &self,
        filter: &Filter,
        runs: &[usize],
        (first, id): (usize, i64),
        back: bool,
        limit: usize,
    ) -> Result<Leaf, PageError> {
        let ahead = |run: &usize| if back { *run <= first } else { *run >= first };
        let mut order: Vec<usize> = runs.iter().copied().filter(ahead).collect();
        if back {
            order.reverse();
        }
        let edge = if back { i64::MAX } else { 0 };
        let mut items = Vec::new();
        let mut read = 0;
        for (i, run) in order.iter().copied().enumerate() {
            let from = if run == first { id } else { edge };
            let wanted = limit - items.len();
            let found = self.runs[run].run.store().browse(filter, from, back, wanted)?;
            let entries = found.entries.into_iter().map(|entry| Item { run, entry });
            let place = if back { 0 } else { items.len() };
            items.splice(place..place, entries);
            read += found.read;
            let stopped = match found.searched_to {
                Some(id) => Some((run, id)),
                None if read >= SEARCHED_SAMPLES => order.get(i + 1).map(|run| (*run, edge)),
                None => None,
            };
            if items.len() >= limit {
                break;
            }
            if let Some((run, id)) = stopped {
                let run = self.runs[run].label.clone();
                return Ok((items, Some(Place { run, id })));
            }
        }
        Ok((items, None))
    }

    /// The choice that shows a sample of a page, and leaves the list where it is.
    pub(super) fn showing(&self, choice: &Choice, listing: &Listing, item: &Item) -> Choice {
        let start = match listing.items.first() {
            Some(first) => Start::After(self.place(first.run, first.entry.id - 1)),
            None => Start::Anywhere,
        };
        let entry = &item.entry;
        let key = Key {
            task: entry.task.clone(),
            language: entry.language.clone(),
            item: entry.item.clone(),
        };
        let sample = Some((self.runs[item.run].label.clone(), key));
        Choice { start, sample, whole: false, ..choice.clone() }
    }

    /// The choice that leads to the sample after the chosen one.
    pub(super) fn next(&self, choice: &Choice, listing: &Listing) -> Option<Choice> {
        match listing.position() {
            Some(at) if at + 1 < listing.items.len() => {
                Some(self.showing(choice, listing, &listing.items[at + 1]))
            }
            Some(_) => self.next_page(choice, listing),
            None => listing.items.first().map(|item| self.showing(choice, listing, item)),
        }
    }

    /// The choice that leads to the sample before the chosen one.
    pub(super) fn previous(&self, choice: &Choice, listing: &Listing) -> Option<Choice> {
        match listing.position()? {
            0 => self.page_before(choice, listing),
            at => Some(self.showing(choice, listing, &listing.items[at - 1])),
        }
    }

    /// The choice that leads to the next page.
    pub(super) fn next_page(&self, choice: &Choice, listing: &Listing) -> Option<Choice> {
        let (next, last) = (listing.next.as_ref()?, listing.items.last()?);
        let start = Start::After(self.place(last.run, last.entry.id));
        Some(Choice { start, ..self.showing(choice, listing, next) })
    }

    /// The choice that leads to the page before, and to its last sample.
    pub(super) fn page_before(&self, choice: &Choice, listing: &Listing) -> Option<Choice> {
        let first = listing.items.first().filter(|_| listing.earlier)?;
        let start = Start::Before(self.place(first.run, first.entry.id));
        Some(Choice { start, sample: None, whole: false, ..choice.clone() })
    }

    fn place(&self, run: usize, id: i64) -> Place {
        Place { run: self.runs[run].label.clone(), id }
    }
}

impl Listing {
    /// Where on the page the chosen sample is.
    fn position(&self) -> Option<usize> {
        let chosen = self.chosen.as_ref()?;
        self.items.iter().position(|item| item == chosen)
    }
}
