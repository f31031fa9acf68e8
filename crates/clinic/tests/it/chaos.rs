//! Every fault at once: a server of which a third of all answers is no answer.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use clinic_fake::{Action, Fake, Script};

use crate::support::{Bench, is_for};

const SAMPLES: usize = 80;

/// What happens to a body when it comes for the `nth` time: the same in every run of the test.
fn fate(body: &str, nth: usize) -> Action {
    let mut hasher = DefaultHasher::new();
    (body, nth).hash(&mut hasher);
    match hasher.finish() % 40 {
        0 => Action::status(429, &[("retry-after", "0")], "slow down"),
        1 => Action::status(429, &[("retry-after", "Thu, 01 Jan 1970 00:00:00 GMT")], "slow down"),
        2 => Action::status(500, &[], "boom"),
        3 => Action::status(503, &[], "overloaded"),
        4 => Action::HalfStatus(502, Vec::new(), "bad gateway".to_owned()),
        5 => Action::Html,
        6 => Action::Close,
        7 => Action::Reset,
        8 => Action::HalfClose,
        9 => Action::HalfHead,
        10 => Action::HalfBody,
        11 => Action::EmptyChoices,
        12 => Action::NullContent,
        13 => Action::WrongShape,
        14 => Action::InvalidJson,
        15 => Action::After(Duration::from_millis(30), Box::new(Action::Reset)),
        _ => Action::Default,
    }
}

#[test]
fn every_sample_is_answered_once_whatever_the_server_does() {
    let fake = Fake::start(Script::new(|seen, nth| fate(&seen.body.to_string(), nth)));
    let bench = Bench::of(SAMPLES);
    let pace = "--max-retries 1 --max-connections 6";
    let mut done = bench.run("judged", &fake, pace);
    for _ in 0..20 {
        let states = bench.states();
        assert!(states.iter().all(|state| state == "answered" || state == "failed"), "{states:?}");
        if done.code == Some(0) {
            break;
        }
        let unexplained = "SELECT prompt FROM responses WHERE state = 'failed' AND error IS NULL";
        assert_eq!(bench.column(unexplained), Vec::<String>::new());
        done = bench.clinic(&format!("resume run --json --retry-delay 0.01 {pace}"));
    }
    let done = done.exits(0);
    assert_eq!(bench.states(), vec!["answered"; SAMPLES]);
    for metric in ["quality", "kindness"] {
        assert_eq!(done.figure("en", metric, None)["n"], SAMPLES);
    }

    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for seen in fake.requests() {
        let body = seen.body.to_string();
        let nth = times.entry(body.clone()).or_default();
        assert!(
            *nth == 0 || fate(&body, *nth) != Action::Default,
            "asked after its answer: {body}"
        );
        *nth += 1;
    }
    assert!(times.iter().all(|(body, last)| fate(body, *last) == Action::Default));
    assert_eq!(times.len(), 3 * SAMPLES, "an answer and two verdicts each");
    assert!(fake.requests().iter().filter(|seen| is_for(seen, "m")).count() > SAMPLES);
}
