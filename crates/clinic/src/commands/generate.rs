//! `clinic generate`: ask and keep.

use std::collections::BTreeMap;

use clinic_engine::run::State;
use serde_json::json;

use super::selection;
use super::session::{self, Scorers};
use super::{preview, work};
use crate::args::GenerateArgs;
use crate::exit::Exit;
use crate::{models, money, print};

pub fn generate(args: &GenerateArgs) -> anyhow::Result<Exit> {
    let selection = selection::select(&args.what)?.under(&args.system)?;
    if args.dry_run {
        return preview::preview(&selection, args, None);
    }
    let mut model = models::model(&args.model, args.base_url.as_deref(), &args.pace)?;
    money::price(&mut model.named, &args.money);
    let run = session::create(args, selection, &model, &Scorers::default(), None)?;
    match work::work(&run, Some(&model), None, &args.pace)? {
        Exit::Done => counts(&run, args.json),
        other => Ok(other),
    }
}

/// Prints the states of the run's prompts.
pub fn counts(run: &clinic_engine::run::Run, json: bool) -> anyhow::Result<Exit> {
    let tally = run.store().tally()?;
    if json {
        let counts: BTreeMap<&str, usize> = tally.iter().map(|(s, n)| (s.name(), *n)).collect();
        print::json(&json!({"run": run.folder(), "responses": counts}));
    } else {
        let counts: Vec<String> = tally.iter().map(|(s, n)| format!("{n} {}", s.name())).collect();
        print::result(&format!("responses: {}", counts.join(", ")));
        print::result(&format!("score them: clinic score {}", run.folder().display()));
    }
    let open = |s: &State| matches!(s, State::Pending | State::Failed);
    let missing = tally.iter().any(|(state, _)| open(state));
    Ok(if missing { Exit::Missing } else { Exit::Done })
}
