//! Processes that are killed or interrupted: what was paid for is kept, and nothing is asked twice.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use clinic_fake::{Action, Fake, Script};

use crate::support::{Bench, Sick, is_for, prompts, until};

const CONNECTIONS: usize = 4;
/// Requests that a kill may lose: those in flight, and as many whose answers are on their way to the
/// disk.
const LOST: usize = 2 * CONNECTIONS;
const PACE: &str = "--max-connections 4";

fn slow() -> Fake {
    Fake::start(Script::default().latency(Duration::from_millis(10)))
}

/// How often each prompt of a model was asked.
fn times(fake: &Fake, model: &str) -> BTreeMap<String, usize> {
    let mut times = BTreeMap::new();
    for seen in fake.requests().iter().filter(|seen| is_for(seen, model)) {
        // The whole body, since a judge's second question differs in little else.
        *times.entry(seen.body.to_string()).or_default() += 1;
    }
    times
}

/// The exports, as bytes.
fn exports(bench: &Bench, folder: &str) -> Vec<Vec<u8>> {
    for format in ["csv", "jsonl"] {
        bench.clinic(&format!("export run --format {format} --out {folder}")).exits(0);
    }
    ["responses.csv", "scores.csv", "metrics.csv", "samples.jsonl"]
        .map(|file| bench.read(&format!("{folder}/{file}")))
        .into()
}

/// Requests that came, once what a killed process had sent has arrived too.
fn settled(fake: &Fake) -> usize {
    loop {
        let before = fake.count();
        std::thread::sleep(std::time::Duration::from_millis(100));
        if fake.count() == before {
            return before;
        }
    }
}

#[test]
fn a_kill_while_asking_loses_only_what_was_in_flight() {
    for moment in [1, 13, 37, 59] {
        let (bench, fake) = (Bench::of(60), slow());
        let run = bench.start(&Bench::line("generate", "judged", &fake, PACE));
        until("some requests", || fake.count() >= moment);
        run.kill();
        let before = settled(&fake);
        let stored: BTreeSet<String> = bench
            .column("SELECT prompt FROM responses WHERE state != 'pending'")
            .into_iter()
            .collect();
        assert!(stored.len() + LOST >= moment, "{} of {moment}", stored.len());

        bench.clinic("resume run --max-connections 4").exits(0);
        let again = prompts(&fake, before);
        assert_eq!(again.len(), 60 - stored.len(), "each that was not stored, once");
        assert!(again.iter().all(|prompt| !stored.contains(prompt)));
        let twice = times(&fake, "m").values().filter(|n| **n > 1).count();
        assert!(twice <= LOST, "{twice} were asked twice");
        assert_eq!(times(&fake, "m").len(), 60);
        assert_eq!(bench.states(), ["answered"; 60]);
    }
}

#[test]
fn several_kills_in_one_run_end_in_the_same_bytes_as_none() {
    let fake = slow();
    let whole = Bench::of(40);
    whole.run("judged", &fake, PACE).exits(0);
    let expected = exports(&whole, "all");
    let report = whole.clinic("report run --json").exits(0).out;

    let bench = Bench::of(40);
    let judge = format!("{PACE} --judge openai/judge --judge-base-url {}", fake.base_url());
    let mut run = bench.start(&Bench::line("run", "judged", &fake, &judge));
    // 40 answers, then 80 judgements: the kills fall into both halves, and onto their seam.
    for moment in [9, 38, 45, 70, 110] {
        let begun = fake.count();
        let stored = || {
            bench.column("SELECT prompt FROM responses WHERE state = 'answered'").len()
                + bench.column("SELECT key FROM calls").len()
        };
        until("a moment", || fake.count() - begun > 2 && stored() >= moment);
        run.kill();
        run = bench.start("resume run --max-connections 4");
    }
    let done = run.end().exits(0);
    assert!(done.err.contains("are done already"), "{}", done.err);
    assert_eq!(exports(&bench, "all"), expected);
    assert_eq!(bench.clinic("report run --json").exits(0).out, report);
}

#[test]
fn a_kill_while_judging_keeps_what_the_judge_said() {
    let (bench, fake) = (Bench::of(40), slow());
    let judge = format!("{PACE} --judge openai/judge --judge-base-url {}", fake.base_url());
    let run = bench.start(&Bench::line("run", "judged", &fake, &judge));
    until("some judgements", || times(&fake, "judge").len() >= 30);
    run.kill();
    let before = settled(&fake);
    let kept = bench.column("SELECT key FROM calls").len();
    assert!(kept >= 30 - LOST, "{kept}");
    let open = bench.states().iter().filter(|state| *state == "pending").count();
    let told = |done: &crate::support::Outcome| done.json()["half_scored"].clone();
    assert_eq!(told(&bench.clinic("report run --json")), true, "the table says so");

    let done = bench.clinic("resume run --json --max-connections 4").exits(0);
    assert_eq!(done.figure("en", "quality", None)["coverage"], 1.0);
    assert_eq!(told(&done), false);
    let again = times(&fake, "m").values().sum::<usize>() - 40;
    assert!(again <= LOST, "{again} answers were asked for again");
    assert_eq!(fake.count() - before, open + 80 - kept, "what was not kept, once");
    let twice = times(&fake, "judge").values().filter(|n| **n > 1).count();
    assert!(twice <= LOST, "{twice} were asked twice");
}

#[test]
fn an_interrupt_waits_for_what_is_in_flight_and_tells_how_to_go_on() {
    for signal in ["INT", "TERM"] {
        let (bench, fake) = (Bench::of(60), slow());
        let run = bench.start(&Bench::line("generate", "judged", &fake, PACE));
        until("some requests", || fake.count() >= 10);
        run.signal(signal);
        let done = run.end().exits(130);
        done.says(&["stopping", "everything saved; go on with: clinic resume run"]);
        let answered = bench.states().iter().filter(|state| *state == "answered").count();
        assert_eq!(answered, fake.count(), "all that was asked is kept");
        assert!(answered < 60);

        bench.clinic("resume run").exits(0);
        assert_eq!(fake.count(), 60, "nothing was asked twice");
        assert_eq!(bench.states(), ["answered"; 60]);
    }
}

#[test]
fn an_interrupt_while_judging_stops_the_judge_too() {
    let (bench, fake) = (Bench::of(60), slow());
    let judge = format!("{PACE} --judge openai/judge --judge-base-url {}", fake.base_url());
    let run = bench.start(&Bench::line("run", "judged", &fake, &judge));
    until("some judgements", || times(&fake, "judge").len() >= 10);
    run.signal("INT");
    run.end().exits(130).says(&["clinic resume run"]);
    let asked = times(&fake, "judge").len();
    assert!(asked < 10 + 60, "{asked} of 120 were asked, although the run was stopped");
    assert_eq!(bench.column("SELECT key FROM calls").len(), asked);

    let done = bench.clinic("resume run --json").exits(0);
    assert_eq!(done.figure("en", "kindness", None)["n"], 60);
    assert_eq!(fake.count(), 60 + 120, "nothing was asked twice");
}

#[test]
fn an_interrupt_does_not_wait_for_the_next_attempt() {
    for busy in ["m", "judge"] {
        let wait = Action::status(429, &[("retry-after", "3000")], "slow down");
        let sick = Sick::new(wait, move |seen| is_for(seen, busy));
        let bench = Bench::of(3);
        let judge = format!("--judge openai/judge --judge-base-url {}", sick.fake.base_url());
        let run = bench.start(&Bench::line("run", "judged", &sick.fake, &judge));
        until("a request", || !times(&sick.fake, busy).is_empty());
        run.signal("INT");
        run.end().exits(130).says(&["clinic resume run"]);
        let state = if busy == "m" { "pending" } else { "answered" };
        assert_eq!(bench.states(), [state; 3], "cut short, and not failed");
        assert_eq!(bench.column("SELECT outcome FROM scores"), Vec::<String>::new());
        sick.heal();
        bench.clinic("resume run").exits(0);
    }
}

#[test]
fn a_second_interrupt_ends_the_process_at_once() {
    let fake = Fake::start(Script::default().latency(Duration::from_secs(30)));
    let bench = Bench::of(5);
    let run = bench.start(&Bench::line("generate", "judged", &fake, PACE));
    until("requests", || fake.count() >= 4);
    run.signal("INT");
    until("the word", || run.stderr().contains("Ctrl-C again"));
    run.signal("INT");
    run.end().exits(130);
    assert_eq!(bench.states(), ["pending"; 5]);
}

#[test]
fn two_processes_do_not_work_on_one_run() {
    let fake = Fake::start(Script::default().latency(Duration::from_millis(40)));
    let bench = Bench::of(60);
    let run = bench.start(&Bench::line("generate", "judged", &fake, PACE));
    until("some requests", || fake.count() >= 5);
    for second in ["resume run", "score run"] {
        bench.clinic(second).exits(1).says(&["another clinic works on run", "wait for it"]);
    }
    let same = Bench::line("generate", "judged", &fake, PACE);
    bench.clinic(&same).exits(1).says(&["another clinic works on run"]);
    // Reading is allowed.
    bench.clinic("report run").exits(3);
    bench.clinic("export run --format csv").exits(0);
    run.end().exits(0);
    assert_eq!(fake.count(), 60);
}
