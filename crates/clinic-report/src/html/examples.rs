//! One sample a task beside its metric: what the number counts.

use maud::{Markup, html};

use super::cells::{self, Tongue};
use super::each_run;
use crate::analysis::{Analysis, Example, Portrait};
use crate::plain;

/// Characters of examples that a page may hold in all, so that it still goes by mail.
const ALL: usize = 150_000;
/// Characters of one text: at least and at most.
const FEWEST: usize = 240;
const MOST: usize = 900;

pub(super) fn section(analysis: &Analysis) -> Option<Markup> {
    let examples: usize = analysis.runs.iter().map(|run| run.examples.len()).sum();
    if examples == 0 {
        return None;
    }
    let room = (ALL / examples / 3).clamp(FEWEST, MOST);
    Some(html! {
        p.key {
            "What the numbers count: the first item of each task that has a score. Nobody chose it "
            "for what it shows. Long texts are cut (…)."
        }
        (each_run(analysis, |_, run| (!run.examples.is_empty()).then(|| html! {
            div.examples { @for example in &run.examples { (card(run, example, room)) } }
        })))
    })
}

fn card(run: &Portrait, example: &Example, room: usize) -> Markup {
    let tongue = Tongue::of(&example.language);
    let score = run
        .tasks
        .iter()
        .find(|t| t.task == example.task && t.language.as_deref() == Some(&example.language));
    html! {
        article {
            h4 {
                (plain(&example.task, 60)) " " small {
                    (tongue.names()) ", item " bdi { (plain(&example.item, 60)) }
                }
            }
            @if let Some(s) = score {
                p.metric {
                    (plain(&s.metric, 40)) " in " (tongue.english) ": "
                    (cells::measured(&s.raw, s.thin))
                }
            }
            dl {
                dt { "Question" }
                dd lang=(tongue.lang) dir=(tongue.dir) { (cut(&example.question, room)) }
                dt { "Response" }
                // The model may answer in another language, so that its own letters decide.
                dd.said lang=(tongue.lang) dir="auto" {
                    @if clinic_core::plain::is_visible(&example.response) {
                        (cut(&example.response, room))
                    }
                    @else { span.none { "– no text" } }
                }
                dt { "Score" }
                dd {
                    bdi { (plain(&example.score, 200)) }
                    @if let Some(verdict) = &example.verdict {
                        " · verdict " strong { bdi { (plain(verdict, 100)) } }
                    }
                }
                @if let Some(why) = &example.why {
                    dt { "Why" }
                    dd dir="auto" { (cut(why, room)) }
                }
            }
        }
    }
}

/// The text with its lines; what would steer the page is shown as `�`.
pub(super) fn shown(text: &str) -> String {
    let steers = |c: char| clinic_core::plain::steers(c) && !matches!(c, '\n' | '\t');
    let text = text.trim().replace("\r\n", "\n");
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

/// The same, cut where it is long.
fn cut(text: &str, most: usize) -> String {
    let text = shown(text);
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{} …", text[..end].trim_end()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_is_shown_and_what_is_long_is_cut() {
        assert_eq!(cut("a\u{202e}b\r\nc\u{1b}", 99), "a\u{fffd}b\nc\u{fffd}");
        assert_eq!(cut(&"é".repeat(50), 10), format!("{} …", "é".repeat(10)));
        assert_eq!(cut(&"x".repeat(1 << 20), 10).chars().count(), 12);
    }
}
