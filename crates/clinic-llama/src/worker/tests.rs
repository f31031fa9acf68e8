//! What a place keeps, to the bit: the numbers after a prompt are compared, not only the texts.

use clinic_core::exchange::Sampling;

use super::*;
use crate::{load, test_path};

/// Tokens a place has room for.
const ROOM: u32 = 4 * PIECE as u32;

fn loaded() -> Arc<Loaded> {
    Arc::new(load::model(&test_path::model_path(), options()).unwrap())
}

fn options() -> Options {
    Options { sequences: 2, threads: Some(1), ..Options::default() }
}

fn worker(loaded: &Loaded) -> Worker<'_> {
    let params = params(2 * ROOM, options());
    let context = loaded.model.new_context(backend().unwrap(), params).unwrap();
    Worker::new(&loaded.model, context, Caches::new(2, true), Arc::default())
}

/// A prompt of so many tokens, alike in the first `alike` of them whatever the number.
fn prompt(number: i32, alike: usize, length: usize) -> Vec<LlamaToken> {
    let tokens = (0..length as i32).map(|i| LlamaToken(1000 + 7 * i));
    let differ = |(i, token): (usize, LlamaToken)| {
        if i < alike { token } else { LlamaToken(token.0 + 5000 + 31 * number) }
    };
    tokens.enumerate().map(differ).collect()
}

type Answer = oneshot::Receiver<Result<Reply, ModelError>>;

fn job(loaded: &Loaded, tokens: &[LlamaToken], max_tokens: u32) -> (Job, Answer) {
    let sampling =
        Sampling { max_tokens, reasoning_tokens: 0, temperature: None, top_p: None, seed: 0 };
    let picker = Picker::new(loaded, &sampling, None, tokens).unwrap();
    let budget = Budget::new(max_tokens, 0, false);
    let (reply, answer) = oneshot::channel();
    (Job { tokens: tokens.to_vec(), budget, opened: false, picker, reply }, answer)
}

/// Reads a prompt where the caches say; returns what was spared and all that the model computed.
fn numbers(worker: &mut Worker, prompt: &[LlamaToken]) -> (Start, Vec<u32>) {
    let start = worker.caches.start(prompt, |place| worker.places[place].is_none()).unwrap();
    let row = worker.read(start, prompt).unwrap();
    worker.caches.keep(start.place, prompt);
    (start, worker.context.get_logits_ith(row).iter().map(|logit| logit.to_bits()).collect())
}

fn start(place: usize, copied: Option<usize>, pieces: usize) -> Start {
    Start { place, copied, shared: pieces * PIECE }
}

#[test]
fn a_shared_prefix_changes_no_number() {
    let loaded = loaded();
    for length in [PIECE + 1, PIECE + 9, 2 * PIECE] {
        let (first, second) = (prompt(1, PIECE, length + 20), prompt(2, PIECE, length));
        let (from, fresh) = numbers(&mut worker(&loaded), &second);
        assert_eq!(from, start(0, None, 0));

        // What another prompt left behind.
        let mut kept = worker(&loaded);
        numbers(&mut kept, &first);
        let (from, reused) = numbers(&mut kept, &second);
        assert_eq!(from, start(0, None, 1));
        assert!(reused == fresh, "{length}: the same place");

        // A copy of a place that is still at work.
        let mut copies = worker(&loaded);
        let (busy, _answer) = job(&loaded, &first, 9);
        copies.admit(busy);
        copies.step();
        assert!(copies.places[0].is_some());
        let (from, copied) = numbers(&mut copies, &second);
        assert_eq!(from, start(1, Some(0), 1));
        assert!(copied == fresh, "{length}: a copy");
    }
}

#[test]
fn what_an_answer_or_a_filler_wrote_is_not_kept() {
    let loaded = loaded();
    let families = [0, 1].map(|number| prompt(number, PIECE * (1 - number as usize), PIECE + 40));
    let fresh = families.clone().map(|prompt| numbers(&mut worker(&loaded), &prompt).1);
    let mut worker = worker(&loaded);
    families.iter().for_each(|prompt| answered(&mut worker, &loaded, prompt));
    // Each answers while the other's place computes tokens that are thrown away.
    for (place, prompt) in [1, 0, 1].map(|place| (place, &families[place])) {
        answered(&mut worker, &loaded, &families[1 - place]);
        let (from, numbers) = numbers(&mut worker, prompt);
        assert_eq!(from, start(place, None, 1));
        assert!(numbers == fresh[place]);
    }
}

/// Answers a prompt to its end, with nothing else at work.
fn answered(worker: &mut Worker, loaded: &Loaded, prompt: &[LlamaToken]) {
    let (job, mut answer) = job(loaded, prompt, 4);
    worker.admit(job);
    loop {
        match answer.try_recv() {
            Ok(reply) => return drop(reply.unwrap()),
            Err(_) => worker.step(),
        }
    }
}

#[test]
fn a_request_that_is_given_up_leaves_a_sound_prefix() {
    let loaded = loaded();
    let (first, second) = (prompt(1, PIECE, PIECE + 70), prompt(2, PIECE, PIECE + 60));
    let (_, fresh) = numbers(&mut worker(&loaded), &second);
    let mut worker = worker(&loaded);
    let (job, answer) = job(&loaded, &first, 100);
    worker.admit(job);
    worker.step();
    drop(answer);
    worker.drop_cancelled();
    answered(&mut worker, &loaded, &prompt(3, 0, 20));
    let (from, numbers) = numbers(&mut worker, &second);
    assert_eq!(from, start(0, None, 1));
    assert!(numbers == fresh);
}

#[test]
fn a_prompt_that_fails_leaves_nothing() {
    let loaded = loaded();
    let second = prompt(2, PIECE, PIECE + 30);
    let (_, fresh) = numbers(&mut worker(&loaded), &second);
    let mut worker = worker(&loaded);
    numbers(&mut worker, &prompt(1, PIECE, PIECE + 10));
    // llama.cpp refuses a token that is none, after it has read the piece before.
    let mut broken = prompt(1, PIECE, 2 * PIECE + 30);
    broken[2 * PIECE + 20] = LlamaToken(i32::MAX);
    let (job, mut answer) = job(&loaded, &broken, 5);
    worker.admit(job);
    assert_eq!(answer.try_recv().unwrap().unwrap_err().kind, Failure::Server);
    assert_eq!(worker.caches.kept(0), 0);
    let (from, numbers) = numbers(&mut worker, &second);
    assert_eq!(from.shared, 0);
    assert!(numbers == fresh);
}

#[test]
fn answers_that_fail_together_leave_nothing() {
    let loaded = loaded();
    let second = prompt(2, PIECE, PIECE + 70);
    let (_, fresh) = numbers(&mut worker(&loaded), &second);
    let mut worker = worker(&loaded);
    let mut answers = Vec::new();
    // The first has no room for its answer, so that a pass fails for both.
    for length in [ROOM as usize, PIECE + 70] {
        let (job, answer) = job(&loaded, &prompt(1, PIECE, length), 50);
        worker.admit(job);
        answers.push(answer);
    }
    worker.step();
    for mut answer in answers {
        assert_eq!(answer.try_recv().unwrap().unwrap_err().kind, Failure::Server);
    }
    assert!(worker.places.iter().all(Option::is_none));
    let (from, numbers) = numbers(&mut worker, &second);
    assert_eq!(from, start(0, None, 0));
    assert!(numbers == fresh);
}
