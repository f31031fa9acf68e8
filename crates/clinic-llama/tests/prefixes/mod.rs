//! Prompts that begin alike: what they share is computed once, and changes no text.

use std::time::Duration;

use clinic_core::exchange::{Request, Sampling};
use clinic_engine::model::Model;
use clinic_llama::{LlamaModel, Options};
use futures::future::{join_all, try_join_all};

use crate::support::{ask, block_on, model_path};

fn load(share_prefixes: bool) -> LlamaModel {
    let options = Options {
        sequences: 8,
        context: Some(768),
        threads: Some(1),
        share_prefixes,
        ..Options::default()
    };
    LlamaModel::load(model_path(), options).unwrap()
}

/// As a judge gets them: one of two long rubrics, then what is judged. Some are sampled.
fn judged(number: u64) -> Request {
    let rubric = [
        "Say whether the answer admits that it does not know. ",
        "Count the medicines that the answer names and warns of. ",
    ][number as usize % 2];
    let text = format!("{}Answer {number}: drink {} cups of tea.", rubric.repeat(25), number + 2);
    let mut request = ask(&text, 6 + number as u32 % 5);
    if number.is_multiple_of(3) {
        request.sampling =
            Sampling { temperature: Some(1.0), top_p: None, seed: number, ..request.sampling };
    }
    request
}

#[test]
fn texts_are_the_same_with_and_without_shared_prefixes_alone_and_in_company() {
    let (plain, sharing) = (load(false), load(true));
    let requests: Vec<_> = (0..10).map(judged).collect();
    let company = |model: &LlamaModel| {
        block_on(try_join_all(requests.iter().map(|r| model.generate(r.clone())))).unwrap()
    };
    let expected = company(&plain);
    assert_eq!(company(&sharing), expected);
    let alone = requests.iter().map(|request| block_on(sharing.generate(request.clone())).unwrap());
    assert_eq!(alone.collect::<Vec<_>>(), expected);
    let prompts: u64 = expected.iter().map(|reply| reply.usage.prompt_tokens).sum();
    assert_eq!(plain.tokens_read(), prompts);
    assert!(sharing.tokens_read() < prompts, "{} of twice {prompts}", sharing.tokens_read());
}

#[test]
fn a_cancelled_request_changes_no_text() {
    let (plain, sharing) = (load(false), load(true));
    let expected = block_on(plain.generate(judged(1))).unwrap();
    block_on(async {
        let endless = (0..10).map(|number| {
            let mut request = judged(number);
            request.sampling.max_tokens = 300;
            sharing.generate(request)
        });
        let waited = tokio::time::timeout(Duration::from_secs(2), join_all(endless)).await;
        assert!(waited.is_err());
    });
    for _ in 0..2 {
        assert_eq!(block_on(sharing.generate(judged(1))).unwrap(), expected);
    }
}
