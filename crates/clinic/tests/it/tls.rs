//! Servers that are not who they say they are: no request and no key reaches them.

use clinic_fake::{Fake, Script};

use crate::support::{Bench, prompts};

/// Why all prompts of a run failed.
#[track_caller]
fn reason(bench: &Bench) -> String {
    let report = bench.clinic("report run --json").exits(3).says(&["clinic resume run"]).json();
    let failures = report["failures"].as_object().unwrap();
    assert_eq!(failures.len(), 1, "{failures:?}");
    failures.keys().next().unwrap().clone()
}

#[test]
fn a_certificate_that_nobody_vouches_for_gets_no_request() {
    let fake = Fake::start_tls(Script::default());
    let bench = Bench::of(3).env("OPENAI_API_KEY", "sk-0123456789abcdefghij");
    bench.generate(&fake, "--max-retries 0").exits(3);
    for resumed in [false, true] {
        if resumed {
            bench.clinic("resume run --max-retries 0").exits(3);
        }
        assert_eq!(bench.states(), ["failed"; 3]);
        let why = reason(&bench);
        assert!(why.contains("no connection") && why.contains("certificate"), "{why}");
    }
    assert_eq!(fake.count(), 0);
}

#[test]
fn a_judge_with_such_a_certificate_leaves_its_scores_open() {
    let (fake, judge) = (Fake::start(Script::default()), Fake::start_tls(Script::default()));
    let bench = Bench::of(3);
    let url = judge.base_url();
    let line = format!("--max-retries 0 --judge openai/judge --judge-base-url {url}");
    bench.clinic(&Bench::line("run", "judged", &fake, &line)).exits(3).says(&["scores failed"]);
    assert_eq!((bench.states(), judge.count()), (vec!["answered".to_owned(); 3], 0));
    let errors = bench.column("SELECT outcome FROM scores WHERE name = 'good'").join("\n");
    assert_eq!(errors.matches("certificate").count(), 3, "{errors}");

    let url = fake.base_url();
    bench.clinic(&format!("score run --judge openai/judge --judge-base-url {url}")).exits(0);
    assert_eq!(prompts(&fake, 0).iter().filter(|p| p.starts_with("Q: ")).count(), 3);
}

#[test]
fn one_side_alone_speaks_tls() {
    let (plain, inside) = (Fake::start(Script::default()), Fake::start_tls(Script::default()));
    for (fake, said, other) in [(&plain, "http://", "https://"), (&inside, "https://", "http://")] {
        let bench = Bench::of(2);
        let line = Bench::line("generate", "judged", fake, "--max-retries 0 --timeout 1");
        bench.clinic(&line.replace(said, other)).exits(3);
        assert_eq!((bench.states(), fake.count()), (vec!["failed".to_owned(); 2], 0));
        let why = reason(&bench);
        assert!(["connection", "no answer in time"].iter().any(|w| why.contains(w)), "{why}");
    }
}
