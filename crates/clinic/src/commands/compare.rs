//! `clinic compare`: what changed from one run to another.

use clinic_engine::run::Run;
use clinic_report::analysis::{Comparison, Ruling};

use crate::args::CompareArgs;
use crate::exit::{Exit, Wrong};
use crate::print;

pub fn compare(args: &CompareArgs) -> anyhow::Result<Exit> {
    let (before, after) = (Run::look(&args.before)?, Run::look(&args.after)?);
    super::report::check_twice(&[&args.before, &args.after])?;
    let texts = if args.json { usize::MAX } else { args.flips };
    let comparison = Comparison::of(&before, &after, texts, args.force)
        .map_err(|error| super::report::unlike(error.into()))?;
    if args.json {
        print::json(&comparison);
    } else {
        print::result(&comparison.to_text(print::width(), args.all, args.flips));
    }
    let mut broken = false;
    for rule in &args.fail_if {
        let ruling = rule.apply(&comparison).map_err(|error| Wrong::new(error.to_string()))?;
        broken |= !matches!(ruling, Ruling::Holds(_));
        print::status(&match ruling {
            Ruling::Holds(told) => format!("ok: {told}"),
            Ruling::Broken(told) => format!("FAILED: {told}"),
            Ruling::Unknown(told) => format!("FAILED: {told}"),
        });
    }
    Ok(match broken {
        true => Exit::Failed,
        false if comparison.going => Exit::Missing,
        false => Exit::Done,
    })
}
