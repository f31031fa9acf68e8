//! Marks: who may make one, of what, and that none is ever lost.

use std::collections::BTreeSet;
use std::time::Duration;

use clinic_engine::run::{MarkError, NewMark, Opinion, Run};
use clinic_fake::{Fake, Script};

use crate::support::{Bench, Page, status};

/// A run of five items that was scored.
fn run() -> (Bench, Fake) {
    let fake = Fake::start(Script::default());
    let bench = Bench::of(5);
    bench.run("judged", &fake, "").exits(0);
    (bench, fake)
}

const KEPT: &str = "SELECT item || ' ' || opinion || ' ' || comment FROM marks JOIN samples
                    ON samples.id = marks.sample ORDER BY marks.id";

#[test]
fn a_mark_needs_a_page_of_ours_a_reason_and_the_verdict_that_was_seen() {
    let (bench, _fake) = run();
    let page = Page::of(&bench, "run");
    let good = page.form(1, "opinion=wrong&comment=why");
    for origin in ["http://evil.example", "null", "https://127.0.0.1", ""] {
        assert_eq!(status(&page.post(origin, &good)), 403, "{origin}");
    }
    for (body, expected, words) in [
        (page.form(1, "opinion=wrong&comment=%20"), 400, "Say why the score is wrong"),
        (page.form(1, "opinion=maybe&comment=x"), 400, "right or wrong"),
        (good.replace("name=Amina", "name=%1b[2J"), 400, "Give a name"),
        (good.replace("name=Amina", "name="), 400, "Give a name"),
        (good.replace("of=openai/m", "of=x"), 400, "No run here"),
        (good.replace("item=1", "item=77"), 409, "has changed since it was shown"),
        (good.replace("score=good", "score=x"), 409, "has changed since it was shown"),
        (page.form(1, &format!("opinion=wrong&comment={}", "x".repeat(10_001))), 400, "too long"),
        (page.form(1, &format!("opinion=wrong&comment={}", "x".repeat(1 << 20))), 413, "too long"),
    ] {
        let answer = page.post(page.origin(), &body);
        assert_eq!(status(&answer), expected, "{answer}");
        assert!(answer.contains(words), "{words} is not in {answer}");
    }
    assert!(bench.column(KEPT).is_empty());
    // Where a mark leads is a page of ours, whatever the form says.
    let back = good.replace("back=language=en", "back=%0d%0aSet-Cookie:x=1");
    for (body, place) in [(&good, "./?language=en"), (&back, "./?")] {
        let answer = page.post(page.origin(), body);
        assert_eq!(status(&answer), 303, "{answer}");
        assert!(answer.contains(&format!("location: {place}\r\n")), "{answer}");
        assert!(!answer.contains("Set-Cookie"), "{answer}");
    }
    assert_eq!(bench.column(KEPT), ["1 wrong why"; 2]);
    // A judge that was asked again meanwhile: the form is of a verdict that is no more.
    let stale = page.form(2, "opinion=wrong&comment=why");
    let db = rusqlite::Connection::open(bench.path("run/run.sqlite")).unwrap();
    db.execute("UPDATE scores SET verdict = 'bad', outcome = '{\"number\":0.0}'", []).unwrap();
    assert_eq!(status(&page.post(page.origin(), &stale)), 409);
    assert_eq!(bench.column(KEPT).len(), 2);
    let shown = page.get("?of=openai/m&sample=judged:en:1");
    assert!(shown.contains("said of"), "the verdict that the mark was about is shown");
}

#[test]
fn marks_are_exported_and_change_nothing_else() {
    let (bench, _fake) = run();
    let files = ["responses.csv", "scores.csv", "metrics.csv", "samples.jsonl"];
    let export = || {
        for format in ["csv", "jsonl"] {
            bench.clinic(&format!("export run --format {format}")).exits(0);
        }
        files.map(|file| bench.read(&format!("run/exports/{file}")))
    };
    let before = export();
    assert!(!bench.path("run/exports/marks.csv").exists(), "there are no marks");
    let page = Page::of(&bench, "run");
    let body = page.form(1, "opinion=wrong&should_be=bad&comment=%3D1%2B1,%0A%22two%22");
    assert_eq!(status(&page.post(page.origin(), &body)), 303);
    let after = export();
    assert_eq!(after[..3], before[..3]);
    let table = bench.read("run/exports/marks.csv");
    let rows: Vec<csv::StringRecord> =
        csv::Reader::from_reader(&*table).records().map(Result::unwrap).collect();
    let cells: Vec<&str> = rows[0].iter().collect();
    // A comment is no formula; the time is the only cell that differs between two runs of the test.
    assert_eq!(
        cells[..8],
        ["judged", "en", "1", "good", "wrong", "bad", "'=1+1,\n\"two\"", "Amina"]
    );
    assert_eq!(cells[9..13], ["scored", "1", "", "good"]);
    let lines = |bytes: &[u8]| -> Vec<serde_json::Value> {
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
    };
    let (old, mut new) = (lines(&before[3]), lines(&after[3]));
    let mark = &new[1]["marks"][0];
    assert_eq!((&mark["opinion"], &mark["name"]), (&"wrong".into(), &"Amina".into()));
    assert_eq!(
        (&mark["comment"], &mark["of"]["verdict"]),
        (&"=1+1,\n\"two\"".into(), &"good".into())
    );
    assert_eq!(new[0]["marks"], serde_json::json!([]));
    for line in &mut new {
        line.as_object_mut().unwrap().remove("marks");
    }
    assert_eq!(old, new);
}

#[test]
fn many_mark_at_once_and_nothing_is_lost() {
    let (bench, _fake) = run();
    let pages = [Page::of(&bench, "run"), Page::of(&bench, "run")];
    std::thread::scope(|scope| {
        for (n, page) in pages.iter().enumerate() {
            scope.spawn(move || {
                for i in 0..20 {
                    let body = page.form(i % 5, &format!("opinion=wrong&comment={n}-{i}"));
                    assert_eq!(status(&page.post(page.origin(), &body)), 303);
                }
            });
        }
    });
    let comments: BTreeSet<String> = bench.column(KEPT).into_iter().collect();
    assert_eq!(comments.len(), 40);
}

/// Whoever writes is waited for, and a verdict that changed meanwhile is not marked.
#[test]
fn a_mark_waits_for_another_writer_and_lands_on_what_was_seen() {
    let (bench, _fake) = run();
    let look = Run::look(&bench.path("run")).unwrap();
    let store = look.store();
    let sample = store.find("judged", "1", "en").unwrap().unwrap();
    let (score, scorer) = store.scores(sample).unwrap().remove(0);
    let new = NewMark {
        sample,
        score,
        scorer,
        opinion: Opinion::Right,
        should_be: None,
        comment: String::new(),
        name: "Amina".to_owned(),
    };
    let mut db = rusqlite::Connection::open(bench.path("run/run.sqlite")).unwrap();
    let writing = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
    std::thread::scope(|scope| {
        let marking = scope.spawn(|| store.add_mark(&new));
        std::thread::sleep(Duration::from_millis(200));
        assert!(!marking.is_finished(), "the other writer is waited for");
        writing.commit().unwrap();
        marking.join().unwrap().unwrap();
    });
    let made = store.marks().unwrap();
    assert_eq!(
        (made.len(), &made[0].score, made[0].opinion),
        (1, &"good".to_owned(), Opinion::Right)
    );
    for change in ["verdict = 'bad'", "outcome = '{\"number\":0.5}'", "scorer = 'another'"] {
        let whole =
            "SELECT outcome, verdict, scorer FROM scores WHERE name = 'good' AND sample = ?1";
        let kept: [Option<String>; 3] = db
            .query_row(whole, [sample], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))
            .unwrap();
        db.execute(&format!("UPDATE scores SET {change} WHERE name = 'good'"), []).unwrap();
        assert!(matches!(store.add_mark(&new), Err(MarkError::Changed(_))), "{change}");
        let back = "UPDATE scores SET outcome = ?1, verdict = ?2, scorer = ?3 WHERE name = 'good'";
        db.execute(back, kept).unwrap();
    }
    store.add_mark(&new).unwrap();
    assert_eq!(store.marks().unwrap().len(), 2);
}
