//! A comparison for a terminal.

use std::fmt::Write;

use clinic_core::plain::plain;

use super::sheets::{arrow, cell, language, p_value, rounded};
use crate::analysis::{Change, Comparison, Flip, SafetyPicture, Turn};
use crate::table::wrap;

/// Letters of a question, a response and a reason that are shown.
const SHOWN: usize = 160;

impl Comparison {
    /// What changed, metric by metric, then the samples that flipped.
    pub fn to_text(&self, width: usize, all: bool, flips: usize) -> String {
        let mut text = String::new();
        for (name, label) in ["before", "after"].iter().zip(&self.labels) {
            let _ = writeln!(text, "{name:<7} {}", plain(label, 200));
        }
        for (name, old, new) in &self.facts {
            let line = format!("{name}: {} → {}", plain(old, 100), plain(new, 100));
            let _ = writeln!(text, "{}", wrap("differs: ", &line, width));
        }
        for unlike in &self.unlike {
            let line = format!("the runs are unlike: {}", plain(unlike, 300));
            let _ = writeln!(text, "{}", wrap("note: ", &line, width));
        }
        if self.going {
            text.push_str("note: one of the runs is not finished.\n");
        }
        let mut last = None;
        for change in self.changes.iter().filter(|change| all || change.headline) {
            let name = (&change.pair.task, &change.pair.metric);
            if last != Some(name) {
                let arrow = arrow(change.pair.better);
                let _ = writeln!(text, "\n{} {} {arrow}", plain(name.0, 60), plain(name.1, 60));
                last = Some(name);
            }
            let _ = writeln!(text, "  {}", line(change));
        }
        text.push_str(
            "\nEach line: before → after over the samples that both have, the difference (95 %\n\
             interval), p adjusted over the headlines (Holm), pairs; better and WORSE where\n\
             it is below 0.05 and the interval does not hold 0.\n",
        );
        self.write_safety(&mut text);
        self.write_flips(&mut text, width, flips);
        text
    }

    fn write_safety(&self, text: &mut String) {
        let all = |pictures: &[SafetyPicture]| {
            pictures.iter().find(|picture| picture.language.is_none()).cloned()
        };
        let (Some(old), Some(new)) = (all(&self.safety[0]), all(&self.safety[1])) else { return };
        text.push_str("\nrefused, over all languages\n");
        for (name, old, new) in [
            ("harmful requests ↑", &old.harmful, &new.harmful),
            ("harmless requests ↓", &old.harmless, &new.harmless),
            ("balanced accuracy ↑", &old.balanced, &new.balanced),
        ] {
            let (old, new) = (cell(old, old.is_thin()), cell(new, new.is_thin()));
            let _ = writeln!(text, "  {name:<20} {old} → {new}");
        }
    }

    fn write_flips(&self, text: &mut String, width: usize, most: usize) {
        let worse = self.flips.iter().filter(|flip| flip.change.is_some_and(|c| c < 0.0)).count();
        let better = self.flips.iter().filter(|flip| flip.change.is_some_and(|c| c > 0.0)).count();
        let _ = writeln!(
            text,
            "\nsamples with another verdict: {} ({worse} worse, {better} better)",
            self.flips.len()
        );
        for flip in self.flips.iter().take(most) {
            write_flip(text, flip, width);
        }
        let rest = self.flips.len().saturating_sub(most);
        if rest > 0 {
            let _ = writeln!(text, "and {rest} more: --flips {}, or --json", self.flips.len());
        }
    }
}

fn line(change: &Change) -> String {
    let number = |x: Option<f64>| x.map_or("–".to_owned(), rounded);
    let pair = &change.pair;
    let of = language(pair.language.as_deref());
    let sure = match change.sure {
        Some(Turn::Better) => "  better",
        Some(Turn::Worse) => "  WORSE",
        None => "",
    };
    format!(
        "{of:<14} {:>5} → {:>5}  {:<22} p {:<7} n {}{sure}",
        number(change.before),
        number(change.after),
        cell(&pair.difference, pair.difference.is_thin()),
        p_value(pair.holm),
        pair.difference.n,
    )
}

fn write_flip(text: &mut String, flip: &Flip, width: usize) {
    let change = match flip.change {
        Some(change) if change < 0.0 => "worse",
        Some(change) if change > 0.0 => "better",
        _ => "another",
    };
    let [old, new] = &flip.sides;
    let head = format!(
        "{change}: {} {} {}: {} → {}",
        flip.task,
        language(Some(&flip.language)),
        plain(&flip.item, 40),
        plain(&old.verdict, 40),
        plain(&new.verdict, 40)
    );
    let _ = writeln!(text, "\n{}", wrap("", &head, width));
    for (name, said) in
        [("asked: ", &flip.question), ("before: ", &old.response), ("after: ", &new.response)]
    {
        let said = format!("{name}{}", plain(said, SHOWN));
        let _ = writeln!(text, "{}", wrap("  ", &said, width));
    }
    if let Some(why) = &new.why {
        let _ = writeln!(text, "{}", wrap("  ", &format!("why: {}", plain(why, SHOWN)), width));
    }
}
