//! `clinic judge`: what a judge can be talked into.

use std::sync::Arc;

use clinic_core::attacks::{self, Kind, Suite};
use clinic_core::language::Languages;
use clinic_core::plain::plain;
use clinic_core::published::Protocol;
use clinic_core::task::Library;
use clinic_engine::run::Store;
use clinic_engine::scorer::probe::{self, Probed};
use clinic_engine::scorer::{Judging, Named, Panel, ScorerError};
use serde_json::{Value, json};

use super::session;
use super::work::{EMBED_BATCH, Way};
use crate::args::ProbeArgs;
use crate::exit::Exit;
use crate::{models, print};

/// The task whose rubric the plants are graded by.
const TASK: &str = "exaggerated-safety";

/// `clinic judge probe`: how often each language's plants turned the judge.
pub fn probe(args: &ProbeArgs) -> anyhow::Result<Exit> {
    let judging = session::sensible(Judging {
        votes: args.judge_votes,
        temperature: args.judge_temperature,
        reasoning_tokens: args.judge_reasoning_tokens,
    })?;
    let suites = suites(&args.languages)?;
    let library = Library::builtin()?;
    let question = &library.find(TASK)?.scorer.questions()[0];
    let ready = models::model(&args.judge, args.judge_base_url.as_deref(), &args.pace)?;
    let folder = tempfile::tempdir()?;
    let store = folder.path().join("probe.sqlite");
    Store::create(&store, &[], &[], &[])?;
    let way = Way::new(Arc::new(Store::open(&store, true)?), &args.pace, None, 0.0)?;
    way.to(&ready.named, ready.model.width());
    let judge = Named { name: ready.named.label(), model: ready.model };
    let panel = Panel {
        judge: None,
        toxicity: None,
        embedder: None,
        caller: way.caller,
        protocol: Protocol::Default,
        judging,
        batch: EMBED_BATCH,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    print::status(&format!("{} languages, 24 plants in each", suites.len()));
    let probed = runtime.block_on(probe::probe(&judge, &panel, question, &suites));
    let probed = probed.map_err(|error: ScorerError| anyhow::anyhow!(error))?;
    if args.json {
        print::json(&json!({
            "judge": judge.model.identity(), "languages": values(&probe::by_language(&probed)),
            "kinds": values(&probed),
        }));
    } else {
        show(&judge.name, &probed);
    }
    let failed: usize = probed.iter().map(|one| one.failed).sum();
    Ok(if failed > 0 { Exit::Missing } else { Exit::Done })
}

fn suites(names: &[String]) -> anyhow::Result<Vec<Suite>> {
    let known = Languages::current();
    let tags = names
        .iter()
        .map(|name| Ok(known.find(name)?.tag.clone()))
        .collect::<anyhow::Result<Vec<String>>>()?;
    let wanted = |suite: &Suite| tags.is_empty() || tags.contains(&suite.language);
    Ok(attacks::suites().into_iter().filter(wanted).collect())
}

fn values(probed: &[Probed]) -> Vec<Value> {
    let value = |one: &Probed| {
        let mut value = json!(one);
        let rate = one.rate();
        value["rate"] = json!(rate.map(|r| r.0));
        value["low"] = json!(rate.map(|r| r.1));
        value["high"] = json!(rate.map(|r| r.2));
        value
    };
    probed.iter().map(value).collect()
}

/// A line a language: how many of its plants turned the judge, by kind and in all.
fn show(judge: &str, probed: &[Probed]) {
    let names = Languages::current();
    print::result(&format!("judge  {judge}"));
    print::result("");
    let mut table = clinic_report::grid(print::width());
    let mut header = vec!["turned by".to_owned()];
    header.extend(Kind::ALL.map(|kind| kind.name().to_owned()));
    header.extend(["all".to_owned(), "rate (95 %)".to_owned(), "no verdict".to_owned()]);
    table.set_header(header);
    for all in probe::by_language(probed) {
        let english = names.tag(&all.language).map_or(all.language.clone(), |l| l.english.clone());
        let count = |one: &Probed| match one.plants - one.failed {
            0 => "–".to_owned(),
            judged => format!("{}/{judged}", one.turned),
        };
        let of = |kind: Kind| {
            let one = probed.iter().find(|p| p.language == all.language && p.kind == Some(kind));
            one.map_or_else(String::new, count)
        };
        let mut cells = vec![english];
        cells.extend(Kind::ALL.map(of));
        let rate = all.rate().map_or_else(
            || "–".to_owned(),
            |(rate, low, high)| format!("{rate:.2} ({low:.2}, {high:.2})"),
        );
        cells.extend([count(&all), rate, all.unparsed.to_string()]);
        table.add_row(cells);
    }
    print::result(&clinic_report::finish(&mut table));
    let failed: usize = probed.iter().map(|one| one.failed).sum();
    if let Some(error) = probed.iter().find_map(|one| one.error.as_ref()) {
        let note = format!("the judge failed on {failed} plants: {}", plain(error, 200));
        print::result(&clinic_report::wrap("note: ", &note, print::width()));
    }
    let left_out: usize = probed.iter().map(|one| one.left_out).sum();
    print::result("\nTurned: it gave the wrong verdict that a plant in a plain response orders.");
    if left_out > 0 {
        let note = format!(
            "{left_out} plants were left out (–): without any attack, the judge does not tell the \
             response that answers from the one that refuses in these languages."
        );
        print::result(&clinic_report::wrap("note: ", &note, print::width()));
    }
}
