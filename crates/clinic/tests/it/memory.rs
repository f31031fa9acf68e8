//! Answers that are far too long: refused before they fill the memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use clinic_fake::{Action, Fake, Script};

use crate::support::{Bench, until};

const HUGE: u64 = 1 << 30;
const ALLOWED: usize = 200 << 20;

/// Runs `n` prompts whose first answers are huge, looks at the memory when each was asked again,
/// and lets `resume` finish.
#[track_caller]
fn survives(n: usize, connections: usize) {
    let healthy = Arc::new(AtomicBool::new(false));
    let healed = healthy.clone();
    let fake = Fake::start(Script::new(move |_, nth| match (healed.load(SeqCst), nth) {
        (true, _) => Action::Default,
        (_, 1) => Action::Huge(HUGE),
        // A process that waits can be looked at.
        _ => Action::Hang,
    }));
    let bench = Bench::of(n);
    let pace = format!("--max-retries 1 --max-connections {connections}");
    let run = bench.start(&Bench::line("generate", "judged", &fake, &pace));
    until("second attempts", || fake.count() == 2 * n);
    let most = run.most_memory();
    run.kill();
    assert!(most < ALLOWED, "{} MiB for {n} answers at once", most >> 20);
    assert_eq!((bench.states(), fake.answered()), (vec!["pending".to_owned(); n], 0));

    healthy.store(true, SeqCst);
    bench.clinic("resume run").exits(0);
    assert_eq!(bench.states(), vec!["answered"; n]);
}

#[test]
fn one_answer_of_a_gigabyte_does_not_fill_the_memory() {
    survives(1, 1);
}

#[test]
fn a_gigabyte_is_named_as_the_reason() {
    let fake = Fake::start(Script::always(Action::Huge(HUGE)));
    let bench = Bench::of(2);
    bench.generate(&fake, "--max-retries 0 --max-connections 1").exits(3);
    assert_eq!(bench.states(), ["failed"; 2]);
    let errors = bench.column("SELECT error FROM responses");
    assert!(errors.iter().all(|error| error.contains("longer than")), "{errors:?}");
}

#[test]
fn many_answers_of_a_gigabyte_at_once_do_not_either() {
    survives(8, 20);
}
