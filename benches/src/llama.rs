//! Models in this process: tokens a second beside llama.cpp's own bench and beside transformers
//! answering one prompt at a time, and what shared prefixes spare. Same file, same number of threads,
//! taking turns.

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use clinic_core::exchange::{Prompt, Reply, Request, Sampling};
use clinic_engine::model::Model;
use clinic_llama::{LlamaModel, Options};
use futures::executor::block_on;
use futures::future::try_join_all;

use crate::Bench;
use crate::page::Table;

const WIDTH: u32 = 16;
/// Tokens of a prompt and of an answer.
const PROMPT: u32 = 128;
const ANSWER: u32 = 64;
const REPEATS: usize = 3;
const JUDGED_REPEATS: u64 = 2;
/// How those are called.
const ALONE_LABEL: &str = "transformers, one prompt at a time, 32-bit floats";
/// Prompts answered one at a time.
const ALONE: u32 = 4;
/// A judge's requests: tokens of the rubric and of what is judged, and of the verdict.
const JUDGED: u64 = 32;
const RUBRIC: usize = 320;
const OWN: usize = 60;
const VERDICT: u32 = 16;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Measures it; `CLINIC_BENCH_THREADS` sets the number of threads.
pub fn bench(_: &Bench) -> Outcome<String> {
    let mut page = "## Models in the process\n\n".to_owned();
    let Some(file) = smollm2() else {
        page.push_str("Skipped: SmolLM2 is missing (`make models`).\n");
        return Ok(page);
    };
    let cores = std::thread::available_parallelism()?.get() as u32;
    let asked = std::env::var("CLINIC_BENCH_THREADS").ok();
    let threads = asked.and_then(|number| number.parse().ok()).unwrap_or(cores);
    writeln!(
        page,
        "SmolLM2-135M-Instruct Q4_1 in this process, {threads} threads, {WIDTH} sequences, prompts \
         of {PROMPT} and answers of {ANSWER} tokens. Tokens a second are those of the answers over \
         the whole time; all took turns.\n"
    )?;
    let mut table = Table::new(&["", "tokens a second", "times clinic's"]);
    let ours = beside_batched_bench(&file, threads, &mut table)?;
    beside_one_at_a_time(&file, threads, ours, &mut table)?;
    writeln!(page, "{table}")?;
    page.push_str(&prefixes(&file, threads)?);
    Ok(page)
}

fn smollm2() -> Option<PathBuf> {
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache"));
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home)?;
    let file = cache.join("clinic/models/SmolLM2-135M-Instruct.Q4_1.gguf");
    file.is_file().then_some(file)
}

/// Takes turns with llama.cpp's bench; returns our best.
fn beside_batched_bench(file: &Path, threads: u32, table: &mut Table) -> Outcome<f64> {
    let theirs = script("batched-bench.sh");
    let (mut best, mut best_theirs) = (0.0_f64, 0.0_f64);
    let mut ratios = Vec::new();
    for _ in 0..REPEATS {
        let ours = full_batch(file, threads)?;
        best = best.max(ours);
        let Ok(program) = &theirs else { continue };
        let theirs = batched_bench(program, file, threads)?;
        best_theirs = best_theirs.max(theirs);
        ratios.push(theirs / ours);
    }
    table.row(&[&"clinic", &format!("{best:.1}"), &"1.00"]);
    match theirs {
        Ok(_) => {
            ratios.sort_by(f64::total_cmp);
            let turns = format!(
                "{:.2}, median of the turns {:.2} (goal: at most {:.2})",
                best_theirs / best,
                ratios[REPEATS / 2],
                1.0 / 0.95
            );
            table.row(&[&"llama.cpp's batched-bench", &format!("{best_theirs:.1}"), &turns]);
        }
        Err(reason) => table.row(&[&"llama.cpp's batched-bench", &reason, &""]),
    }
    Ok(best)
}

/// Tokens a second with every place taken, in a context just loaded, as the other bench has it.
fn full_batch(file: &Path, threads: u32) -> Outcome<f64> {
    let model = load(file, threads, PROMPT + ANSWER, false)?;
    let text = " word".repeat(PROMPT as usize);
    let requests = (0..WIDTH).map(|_| request(text.clone(), ANSWER)).collect();
    let (seconds, replies) = timed(&model, requests)?;
    let sum = |count: fn(&Reply) -> u64| replies.iter().map(count).sum::<u64>();
    let prompts = sum(|reply| reply.usage.prompt_tokens);
    let answers = sum(|reply| reply.usage.completion_tokens);
    if (prompts, answers) != (u64::from(WIDTH * PROMPT), u64::from(WIDTH * ANSWER)) {
        return Err(format!("{prompts} tokens of prompts, {answers} of answers").into());
    }
    Ok(answers as f64 / seconds)
}

fn batched_bench(program: &str, file: &Path, threads: u32) -> Outcome<f64> {
    let number = |number: u32| number.to_string();
    let output = Command::new(program)
        .arg("-m")
        .arg(file)
        .args(["-c", &number(WIDTH * (PROMPT + ANSWER)), "-npl", &number(WIDTH)])
        .args(["-npp", &number(PROMPT), "-ntg", &number(ANSWER), "--no-kv-unified"])
        .args(["-t", &number(threads), "-tb", &number(threads), "--output-format", "jsonl"])
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let seconds = text.split("\"t\": ").nth(1).and_then(|rest| rest.split(',').next());
    let seconds: f64 = seconds.ok_or("batched-bench printed no time")?.trim().parse()?;
    Ok(f64::from(WIDTH * ANSWER) / seconds)
}

fn beside_one_at_a_time(file: &Path, threads: u32, ours: f64, table: &mut Table) -> Outcome<()> {
    let python = match script("one_at_a_time.sh") {
        Ok(python) => python,
        Err(reason) => {
            table.row(&[&ALONE_LABEL, &reason, &""]);
            return Ok(());
        }
    };
    let mut best = 0.0_f64;
    for _ in 0..2 {
        let output = Command::new(&python)
            .arg(scripts().join("one_at_a_time.py"))
            .arg(file)
            .args([threads, PROMPT, ANSWER, ALONE].map(|number| number.to_string()))
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let seconds: f64 = match text.trim().parse() {
            Ok(seconds) => seconds,
            Err(_) => return Err(last_line(&output.stderr).into()),
        };
        best = best.max(f64::from(ALONE * ANSWER) / seconds);
    }
    table.row(&[&ALONE_LABEL, &format!("{best:.1}"), &format!("{:.2}", best / ours)]);
    Ok(())
}

/// Prompts as a judge gets them, with their rubric read once and read each time.
fn prefixes(file: &Path, threads: u32) -> Outcome<String> {
    let models = [true, false].map(|share| load(file, threads, 512, share));
    let [sharing, plain] = models;
    let (sharing, plain) = (sharing?, plain?);
    let mut best = [f64::INFINITY; 2];
    let mut texts = Vec::new();
    for repeat in 0..JUDGED_REPEATS {
        for (model, best) in [&sharing, &plain].into_iter().zip(&mut best) {
            let requests = (0..JUDGED).map(|number| judged(repeat, number)).collect();
            let (seconds, replies) = timed(model, requests)?;
            *best = best.min(seconds);
            texts.push(replies.into_iter().map(|reply| reply.text).collect::<Vec<_>>());
        }
    }
    if texts.chunks(2).any(|pair| pair[0] != pair[1]) {
        return Err("a shared prefix has changed a text".into());
    }
    Ok(format!(
        "{JUDGED} judge's prompts of {} tokens, {RUBRIC} of them shared, with verdicts of {VERDICT} \
         tokens: {:.2} s with shared prefixes computed once, {:.2} s without, {:.2} times as fast; \
         {} instead of {} prompt tokens computed, and the same texts.\n",
        RUBRIC + OWN,
        best[0],
        best[1],
        best[1] / best[0],
        sharing.tokens_read() / JUDGED_REPEATS,
        plain.tokens_read() / JUDGED_REPEATS
    ))
}

/// A rubric that is new in each repeat, since a task's first prompts find nothing to share.
fn judged(repeat: u64, number: u64) -> Request {
    let rubric = [" fever", " cough", " rash"][repeat as usize % 3].repeat(RUBRIC);
    let own = ["pain", "sleep", "diet", "heart"][number as usize % 4];
    let own = format!(" {own}").repeat(OWN - 4);
    request(format!("{rubric} {number:04}{own}"), VERDICT)
}

fn load(file: &Path, threads: u32, context: u32, share_prefixes: bool) -> Outcome<LlamaModel> {
    let (threads, context) = (Some(threads), Some(context));
    let options =
        Options { sequences: WIDTH, context, threads, share_prefixes, ..Options::default() };
    Ok(LlamaModel::load(file, options)?)
}

fn request(text: String, max_tokens: u32) -> Request {
    let sampling =
        Sampling { max_tokens, reasoning_tokens: 0, temperature: Some(0.0), top_p: None, seed: 0 };
    Request { prompt: Prompt::Raw(text), sampling, schema: None }
}

/// Asks all at once; seconds until the last answer.
fn timed(model: &LlamaModel, requests: Vec<Request>) -> Outcome<(f64, Vec<Reply>)> {
    let begun = Instant::now();
    let replies = try_join_all(requests.into_iter().map(|request| model.generate(request)));
    let replies = block_on(replies)?;
    Ok((begun.elapsed().as_secs_f64(), replies))
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts")
}

/// What a script prints: the path of what it has made ready. Else why not.
fn script(name: &str) -> Result<String, String> {
    let output = Command::new(scripts().join(name)).output().map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
        false => Err(last_line(&output.stderr)),
    }
}

fn last_line(text: &[u8]) -> String {
    String::from_utf8_lossy(text).lines().last().unwrap_or("it says nothing").to_owned()
}
