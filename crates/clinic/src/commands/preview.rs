//! `--dry-run`: calls, tokens and cost of each task, before anything is sent.

use std::collections::BTreeMap;

use clinic_core::exchange::Usage;
use clinic_core::sample::Sample;
use clinic_core::task::Task;
use clinic_engine::model::preset::{self, Price};
use clinic_engine::run::{ModelRef, Plan};
use clinic_engine::scorer::{Judging, judgement_size};
use serde::Serialize;
use serde_json::json;

use super::selection::Selection;
use super::session;
use crate::args::{Choice, GenerateArgs, PanelArgs};
use crate::exit::Exit;
use crate::{models, money, print};

/// Bytes of text to a token, cautiously, over the tokenisers and scripts that we know.
const BYTES: usize = 3;

/// What a task will take.
#[derive(Debug, Default, Clone, Copy, Serialize)]
struct Forecast {
    prompts: usize,
    /// About so many, by the length of the prompts.
    prompt_tokens: u64,
    /// At most.
    new_tokens: u64,
    judge_calls: usize,
    /// About so many, where answers are as long as they may be.
    judge_prompt_tokens: u64,
    /// At most.
    judge_new_tokens: u64,
    /// With answers as long as they may be; nothing where a price is not known.
    usd: Option<f64>,
}

/// Prints what would be asked, and what it may cost; asks nothing.
pub fn preview(
    selection: &Selection,
    args: &GenerateArgs,
    panel: Option<&PanelArgs>,
) -> anyhow::Result<Exit> {
    let judging =
        panel.map_or(Ok(Judging::default()), |p| session::judging(Judging::default(), p))?;
    let preset = preset::of(&models::text(&args.model)).map_or(0, |preset| preset.reasoning_tokens);
    let thinking = u64::from(args.reasoning_tokens.unwrap_or(preset));
    let price = named(args, &models::text(&args.model), args.base_url.as_deref());
    let judge = panel.and_then(|panel| match &panel.judge {
        Some(Choice::Model(name)) => {
            Some(named(args, &models::text(name), panel.judge_base_url.as_deref()))
        }
        _ => None,
    });
    let mut forecasts: BTreeMap<&str, Forecast> = BTreeMap::new();
    let mut characters = 0;
    for sample in &selection.samples {
        let Some(task) = selection.tasks.iter().find(|task| task.name == sample.task) else {
            continue;
        };
        let forecast = forecasts.entry(&task.name).or_default();
        let answer = u64::from(task.generation.max_tokens);
        let system = selection.system.as_ref().and_then(|system| system.text.get(&sample.language));
        let above = system.map_or(String::new(), |system| format!("{system}\n\n"));
        for (_, prompt) in Plan::prompts(task, sample) {
            characters += above.chars().count() + prompt.chars().count();
            forecast.prompts += 1;
            forecast.prompt_tokens += tokens(above.len() + prompt.len());
            forecast.new_tokens += answer + thinking;
        }
        if judge.is_some() {
            judged(forecast, task, sample, judging, args);
        }
    }
    for forecast in forecasts.values_mut() {
        forecast.usd = usd(forecast, price.as_ref(), judge.as_ref(), args.batch.batch);
    }
    let mut all = Forecast { usd: Some(0.0), ..Forecast::default() };
    for forecast in forecasts.values() {
        all.add(forecast);
    }
    if args.json {
        print::json(&json!({
            "prompts": all.prompts, "characters": characters, "new_tokens_at_most": all.new_tokens,
            "usd_at_most": all.usd, "all": all, "tasks": forecasts, "gaps": selection.gaps,
        }));
        return Ok(Exit::Done);
    }
    show(selection, &forecasts, &all, judge.is_some());
    print::result(&format!("{characters} characters of prompts; nothing was asked"));
    let unpriced = "no price is known for a model of this run: give --price MODEL=IN,OUT";
    match (all.usd, args.money.budget) {
        (None, _) => print::result(unpriced),
        (Some(usd), Some(budget)) if usd > budget => {
            let most = clinic_report::money(usd);
            print::result(&format!("this may cost USD {most}, more than the budget of {budget}"));
        }
        _ => {}
    }
    for gap in &selection.gaps {
        print::gap(gap);
    }
    Ok(Exit::Done)
}

/// Counts the judgements of a sample, as often as they may be asked for.
fn judged(
    forecast: &mut Forecast,
    task: &Task,
    sample: &Sample,
    judging: Judging,
    args: &GenerateArgs,
) {
    let answer = "x".repeat(BYTES * task.generation.max_tokens as usize);
    for question in task.scorer_of(args.protocol.into()).questions() {
        let (bytes, new) = judgement_size(question, sample, &answer, judging);
        let votes = u64::from(judging.votes);
        forecast.judge_calls += judging.votes as usize;
        forecast.judge_prompt_tokens += votes * tokens(bytes);
        forecast.judge_new_tokens += votes * new;
    }
}

impl Forecast {
    fn add(&mut self, other: &Self) {
        self.prompts += other.prompts;
        self.prompt_tokens += other.prompt_tokens;
        self.new_tokens += other.new_tokens;
        self.judge_calls += other.judge_calls;
        self.judge_prompt_tokens += other.judge_prompt_tokens;
        self.judge_new_tokens += other.judge_new_tokens;
        self.usd = self.usd.zip(other.usd).map(|(a, b)| a + b);
    }
}

/// Tokens of so many bytes of text, about.
pub fn tokens(bytes: usize) -> u64 {
    bytes.div_ceil(BYTES) as u64
}

/// The price of a model, by its name alone; `Some(None)` of a judge: it has one that is not known.
fn named(args: &GenerateArgs, name: &str, base_url: Option<&str>) -> Option<Price> {
    let mut model = ModelRef {
        name: name.to_owned(),
        base_url: base_url.map(str::to_owned),
        identity: String::new(),
        price: None,
    };
    money::price(&mut model, &args.money);
    money::known(&model)
}

/// What a task may cost; nothing where a price is missing that it needs.
fn usd(
    forecast: &Forecast,
    price: Option<&Price>,
    judge: Option<&Option<Price>>,
    batch: bool,
) -> Option<f64> {
    let of = |price: &Price, prompt_tokens, completion_tokens| {
        price.of(Usage { prompt_tokens, completion_tokens, batch, ..Usage::default() })
    };
    let answers = of(price?, forecast.prompt_tokens, forecast.new_tokens);
    let verdicts = match judge {
        Some(judge) if forecast.judge_calls > 0 => {
            of(judge.as_ref()?, forecast.judge_prompt_tokens, forecast.judge_new_tokens)
        }
        _ => 0.0,
    };
    Some(answers + verdicts)
}

fn show(selection: &Selection, forecasts: &BTreeMap<&str, Forecast>, all: &Forecast, judged: bool) {
    let mut table = clinic_report::grid(print::width());
    let mut header = vec!["task", "prompts", "tokens in, about", "tokens out, at most"];
    if judged {
        header.extend(["judge's calls", "tokens in", "out"]);
    }
    header.push("USD at most");
    table.set_header(header);
    let none = Forecast { usd: Some(0.0), ..Forecast::default() };
    let tasks = selection.tasks.iter().map(|task| task.name.as_str());
    let rows = tasks.map(|name| (name, forecasts.get(name).unwrap_or(&none)));
    for (name, forecast) in rows.chain([("all", all)]) {
        let mut row = vec![
            name.to_owned(),
            forecast.prompts.to_string(),
            forecast.prompt_tokens.to_string(),
            forecast.new_tokens.to_string(),
        ];
        if judged {
            row.push(forecast.judge_calls.to_string());
            row.push(forecast.judge_prompt_tokens.to_string());
            row.push(forecast.judge_new_tokens.to_string());
        }
        row.push(forecast.usd.map_or_else(|| "?".to_owned(), clinic_report::money));
        table.add_row(row);
    }
    print::result(&clinic_report::finish(&mut table));
}
