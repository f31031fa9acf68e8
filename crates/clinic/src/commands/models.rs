//! `clinic models`: the list, one whole, or one tried out.

use std::time::Instant;

use clinic_core::exchange::{Finish, Prompt, Request, Sampling};
use clinic_core::plain::plain;
use clinic_engine::model::preset::{self, ModelPreset};
use serde_json::json;

use crate::args::{CheckArgs, ModelsArgs, ModelsCommand};
use crate::exit::{Exit, Wrong};
use crate::{models, print};

/// Lists the presets, shows one, or asks one a question.
pub fn models(args: &ModelsArgs) -> anyhow::Result<Exit> {
    match (&args.command, &args.name) {
        (Some(ModelsCommand::Check(check)), _) => return self::check(check),
        (None, Some(name)) => {
            let preset = preset::model(name).ok_or_else(|| {
                Wrong::new(format!("models.toml has no model '{name}'"))
                    .hint("clinic models lists them; any other is named provider/model")
            })?;
            if args.json {
                print::json(preset);
            } else {
                show(preset);
            }
        }
        (None, None) if args.json => print::json(&preset::models()),
        (None, None) => list(),
    }
    Ok(Exit::Done)
}

fn list() {
    let mut table = clinic_report::grid(print::width());
    table.set_header(["name", "runs", "USD in, out", "ends"]);
    for preset in preset::models() {
        let place = preset.model.split('/').next().unwrap_or_default();
        let price = preset.price.as_ref();
        let mark = if preset.published { " *" } else { "" };
        table.add_row([
            format!("{}{mark}", preset.name),
            place.to_owned(),
            price.map_or(String::new(), |price| format!("{:.2}, {:.2}", price.input, price.output)),
            preset.ends.clone().unwrap_or_default(),
        ]);
    }
    print::result(&clinic_report::finish(&mut table));
    let notes = "* evaluated by the published benchmark. Prices are for a million tokens, as read \
                 on a day that each tells: clinic models NAME. Any other model is named \
                 provider/model.";
    print::result(&clinic_report::wrap("", notes, print::width()));
}

fn show(preset: &ModelPreset) {
    let line = |key: &str, text: &str| print::result(&format!("{key:<10} {text}"));
    line("name", &preset.name);
    line("model", &preset.model);
    if let Some(hub) = &preset.hub {
        line("weights", &format!("https://huggingface.co/{hub}"));
    }
    line("published", if preset.published { "yes, evaluated by the benchmark" } else { "no" });
    line("prompts", if preset.format == clinic_engine::run::Format::Raw { "raw" } else { "chat" });
    match preset.reasoning_tokens {
        0 => line("reasoning", "none"),
        tokens => line("reasoning", &format!("up to {tokens} tokens")),
    }
    if let Some(context) = preset.context {
        line("context", &format!("{context} tokens"));
    }
    if let Some(price) = &preset.price {
        let (input, output) = (price.input, price.output);
        line("price", &format!("USD {input:.2} in, {output:.2} out, for a million tokens"));
        line("", &format!("read on {} at {}", price.read, price.source));
    }
    if let (Some(ends), Some(next)) = (&preset.ends, &preset.successor) {
        line("ends", &format!("{ends}; successor: {next}"));
    }
}

/// Asks for one word and tells how it went.
fn check(args: &CheckArgs) -> anyhow::Result<Exit> {
    let ready = models::model(&args.model, args.base_url.as_deref(), &args.pace())?;
    let preset = preset::of(&ready.named.name);
    let sampling = Sampling {
        max_tokens: 16,
        reasoning_tokens: preset.map_or(0, |preset| preset.reasoning_tokens),
        temperature: None,
        top_p: None,
        seed: 0,
    };
    let prompt = Prompt::user("Reply with the single word: ready");
    let request = Request { prompt, sampling, schema: None };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let begun = Instant::now();
    let reply = runtime.block_on(ready.model.generate(request));
    let seconds = begun.elapsed().as_secs_f64();
    let reply = reply.map_err(|error| {
        Wrong::new(format!("{}: {}", ready.named.name, error.message))
            .hint("check the key, the name and the address")
    })?;
    let told = ready.model.told();
    let cost = preset.and_then(|preset| preset.price.as_ref()).map(|price| price.of(reply.usage));
    let ended = match reply.finish {
        Finish::Stop => "of itself",
        Finish::Length => "by the token limit",
        Finish::Filtered => "by the provider's filter",
    };
    if args.json {
        print::json(&json!({
            "model": ready.named.name, "identity": ready.named.identity, "answer": reply.text,
            "ended": ended, "seconds": seconds, "prompt_tokens": reply.usage.prompt_tokens,
            "completion_tokens": reply.usage.completion_tokens, "usd": cost, "limits": told,
        }));
        return Ok(Exit::Done);
    }
    let line = |key: &str, text: &str| print::result(&format!("{key:<10} {text}"));
    line("model", &ready.named.name);
    line("answer", &format!("{} (ended {ended})", plain(&reply.text, 60)));
    line("took", &format!("{seconds:.2} s"));
    let usage = reply.usage;
    line("tokens", &format!("{} in, {} out", usage.prompt_tokens, usage.completion_tokens));
    if let Some(cost) = cost {
        line("cost", &format!("USD {cost:.6}"));
    }
    let told = told.unwrap_or_default();
    for (what, quota) in [("requests", told.requests), ("tokens", told.tokens)] {
        if let Some(quota) = quota {
            let reset = quota.reset.as_secs_f64();
            let (left, limit) = (quota.remaining, quota.limit);
            line("limit", &format!("{left} of {limit} {what} left, all again in {reset:.1} s"));
        }
    }
    Ok(Exit::Done)
}
