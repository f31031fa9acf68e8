//! Clocks that are wrong: the machine's, the server's, and those that wrote the files.

use std::fs::File;
use std::process::Command;
use std::time::{Duration, SystemTime};

use clinic_fake::{Action, Fake, Script, Seen};

use crate::support::{Bench, Sick, until};

/// A bench whose commands see the wall clock go back an hour at each look.
fn going_back(bench: Bench) -> Bench {
    let library = bench.path("clock.so").display().to_string();
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/clock.c");
    let status = Command::new("cc")
        .args(["-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", &library, source])
        .status();
    assert!(status.expect("a C compiler, as the build needs one").success());
    let year = Command::new("date").arg("+%Y").env("LD_PRELOAD", &library).output().unwrap();
    let year: i32 = String::from_utf8(year.stdout).unwrap().trim().parse().unwrap();
    let now = Command::new("date").arg("+%Y").output().unwrap();
    let now: i32 = String::from_utf8(now.stdout).unwrap().trim().parse().unwrap();
    assert!(year <= now - 9, "{year} is not long before {now}");
    let sign = bench.path("sign").display().to_string();
    bench.env("LD_PRELOAD", &library).env("CLOCK_SIGN", &sign)
}

#[test]
fn a_clock_that_goes_back_changes_nothing() {
    let busy = Action::status(429, &[("retry-after", "1")], "slow down");
    let script = Script::attempts([busy, Action::Default]);
    let fake = Fake::start(script.latency(Duration::from_millis(10)));
    let bench = going_back(Bench::of(20));
    let judge = format!("--judge openai/judge --judge-base-url {}", fake.base_url());
    let run = bench.start(&Bench::line("run", "judged", &fake, &judge));
    until("some answers", || fake.answered() > 25);
    run.kill();
    let done = bench.clinic("resume run --json").exits(0);
    assert_eq!(done.figure("en", "quality", None)["coverage"], 1.0);
    assert_eq!(bench.states(), ["answered"; 20]);
    let asked = fake.requests().iter().filter(|seen| seen.prompt().starts_with("Q: ")).count();
    assert!(asked <= 2 * 20 + 20, "{asked}: one that is busy, one answer, one lost at the kill");
    assert_eq!(bench.read("sign"), b"xx", "both processes had that clock");
}

#[test]
fn files_of_another_time_are_the_same_files() {
    let fake = Fake::start(Script::new(|seen, nth| match seen.prompt().ends_with("ask 1") {
        true if nth == 1 => Action::status(400, &[], "no"),
        _ => Action::Default,
    }));
    for seconds in [1, 7_000_000_000] {
        let bench = Bench::of(3);
        bench.generate(&fake, &format!("--seed {seconds}")).exits(3);
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let names = bench.files().into_iter().map(|(path, _)| path);
        for path in names.chain([bench.path("data/questions.csv"), bench.path("tasks/judged.toml")])
        {
            File::options().append(true).open(path).unwrap().set_modified(time).unwrap();
        }
        let before = fake.count();
        bench.clinic("report run").exits(3);
        bench.clinic("resume run").exits(0);
        assert_eq!((bench.states(), fake.count()), (vec!["answered".to_owned(); 3], before + 1));
    }
}

/// Headers by which servers tell when to come back, with times that are over, nonsense or never.
const OVER: [(&str, &str); 9] = [
    ("retry-after", "Thu, 01 Jan 1970 00:00:00 GMT"),
    ("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"),
    ("retry-after", "-1"),
    ("retry-after", "soon"),
    ("retry-after", ""),
    ("x-ratelimit-reset", "0"),
    ("x-ratelimit-reset-requests", "-6m0s"),
    ("anthropic-ratelimit-requests-reset", "1970-01-01T00:00:00Z"),
    ("ratelimit-reset", "-99999999999999999999"),
];
const NEVER: [(&str, &str); 8] = [
    ("retry-after", "Fri, 31 Dec 9999 23:59:59 GMT"),
    ("retry-after", "18446744073709551616"),
    ("retry-after", "1e300"),
    ("retry-after", "inf"),
    ("x-ratelimit-reset", "253402300799"),
    ("x-ratelimit-reset-requests", "8760000h0m0s"),
    ("anthropic-ratelimit-requests-reset", "9999-12-31T23:59:59Z"),
    ("ratelimit-reset", "99999999999999999999"),
];

/// A server that turns each prompt's first attempt away with a header of its own.
fn busy(headers: &'static [(&'static str, &'static str)]) -> Fake {
    let number = |seen: &Seen| seen.prompt().rsplit(' ').next()?.parse::<usize>().ok();
    Fake::start(Script::new(move |seen, nth| match number(seen).and_then(|i| headers.get(i)) {
        Some(header) if nth == 1 => Action::status(429, &[*header], "slow down"),
        _ => Action::Default,
    }))
}

#[test]
fn a_time_that_is_over_is_not_waited_for() {
    let fake = busy(&OVER);
    let bench = Bench::of(OVER.len());
    bench.generate(&fake, "--max-retries 2").exits(0);
    assert_eq!(bench.states(), ["answered"; OVER.len()]);
    assert_eq!(fake.count(), 2 * OVER.len(), "nor is the server asked again and again");
}

#[test]
fn a_time_that_never_comes_holds_nobody() {
    for header in NEVER {
        let sick = Sick::new(Action::status(429, &[header], "slow down"), |_| true);
        let bench = Bench::of(4);
        let run = bench.start(&Bench::line("generate", "judged", &sick.fake, "--max-retries 200"));
        until("a first attempt", || sick.fake.count() >= 1);
        run.signal("INT");
        run.end().exits(130);
        assert_eq!(bench.states(), ["pending"; 4], "{header:?}");
        let before = sick.heal();
        bench.clinic("resume run").exits(0);
        assert_eq!(bench.states(), ["answered"; 4]);
        assert_eq!(sick.fake.count(), before + 4);
    }
}

#[test]
fn a_time_that_is_no_number_is_not_waited_for() {
    let fake = busy(&[("retry-after", "nan"), ("retry-after", "NaN")]);
    let bench = Bench::of(2);
    bench.generate(&fake, "--max-retries 2").exits(0);
    assert_eq!((bench.states(), fake.count()), (vec!["answered".to_owned(); 2], 4));
}
