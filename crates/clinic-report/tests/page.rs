//! The page of analyses made by hand, as text. How it looks is tested in a browser, in
//! `crates/clinic/tests/it/browser_report.rs`.

#[path = "support/analysis.rs"]
mod by_hand;

use clinic_report::analysis::Measured;
use clinic_report::html::page;

#[test]
fn the_same_analysis_gives_the_same_bytes() {
    let pages = [0, 1].map(|_| page(&by_hand::analysis(3, 4)));
    assert!(pages[0] == pages[1]);
}

#[test]
fn a_page_of_all_models_in_all_languages_goes_by_mail() {
    let all = page(&by_hand::analysis(13, 15));
    assert!(all.len() < 3_000_000, "{}", all.len());
    for foreign in ["<script", "http://", "https://", "src=", "url(", "@import"] {
        assert!(!all.contains(foreign), "{foreign}");
    }
    assert!(all.contains("default-src &#39;none&#39;") || all.contains("default-src 'none'"));
}

#[test]
fn what_is_missing_is_a_dash_with_its_reason_and_never_a_zero() {
    let mut analysis = by_hand::analysis(1, 2);
    let none = Measured { expected: 7, ..Measured::default() };
    let run = &mut analysis.runs[0];
    run.tasks.iter_mut().for_each(|t| (t.raw, t.safe) = (none, none));
    run.dimensions.iter_mut().for_each(|d| d.safe = none);
    run.tiers.iter_mut().for_each(|t| t.safe = none);
    run.language_gaps.iter_mut().for_each(|g| {
        (g.gap, g.flips, g.p, g.holm) = (none, none, None, None);
    });
    for s in &mut run.safety {
        (s.harmful, s.harmless, s.balanced, s.youden) = (none, none, none, none);
    }
    run.wrong_language.iter_mut().for_each(|w| w.share = none);
    run.summary.rows.iter_mut().for_each(|row| {
        let figure = &mut row.figure;
        (figure.estimate, figure.low, figure.high, figure.n) = (None, None, None, 0);
    });
    let text = page(&analysis);
    assert!(text.contains("none of 7 samples has a score"));
    let body = &text[text.find("<body>").unwrap()..];
    assert!(!body.contains("0.00"), "{}", &body[body.find("0.00").unwrap() - 300..]);
    assert!(!body.contains("NaN") && body.contains("– nothing scored"));
}

#[test]
fn a_run_that_goes_on_and_runs_that_are_unlike_say_so_first() {
    let mut analysis = by_hand::analysis(2, 2);
    assert!(!page(&analysis).contains("class=\"warning\""));
    analysis.runs[1].going = true;
    analysis.unlike = vec!["the judges differ".to_owned()];
    let text = page(&analysis);
    let place = |what: &str| text.find(what).unwrap_or_else(|| panic!("no {what}"));
    assert!(place("Not finished: ") < place("<main>"));
    assert!(place("the judges differ") < place("<main>"));
    assert!(text[place("Not finished: ")..].contains("2 birch-70b-instruct"));
}

#[test]
fn runs_of_the_published_protocol_show_their_own_numbers_and_no_empty_tables() {
    for runs in [1, 2] {
        let mut analysis = by_hand::analysis(runs, 2);
        analysis.board = None;
        for run in &mut analysis.runs {
            (run.tasks, run.dimensions, run.tiers) = (Vec::new(), Vec::new(), Vec::new());
            (run.language_gaps, run.safety) = (Vec::new(), Vec::new());
        }
        let text = page(&analysis);
        assert!(text.contains("No score is on this scale.") && text.contains("18 tasks in 2"));
        assert!(!text.contains("id=\"tasks\"") && !text.contains("id=\"languages\""));
        assert!(!text.contains("<tbody></tbody>") && text.contains("<details open>"));
    }
}

#[test]
fn a_model_that_was_run_twice_is_no_second_model() {
    let mut analysis = by_hand::analysis(2, 1);
    assert!(page(&analysis).contains("How far can 2 models be trusted"));
    analysis.runs[1].summary.model = analysis.runs[0].summary.model.clone();
    let text = page(&analysis);
    assert!(text.contains("How far can 2 runs be trusted"));
    assert!(text.contains("System prompt: <bdi>mitigation privacy"));
}

#[test]
fn there_is_a_page_even_of_nothing() {
    let mut analysis = by_hand::analysis(0, 0);
    assert!(page(&analysis).contains("There is no run to show."));
    analysis = by_hand::analysis(1, 0);
    assert!(page(&analysis).ends_with("</html>"));
    // Several runs of the published protocol have no board.
    analysis = by_hand::analysis(3, 2);
    analysis.board = None;
    assert!(page(&analysis).contains("id=\"board\""));
}
