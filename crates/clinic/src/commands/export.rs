//! `clinic export`: a run in another format.

use clinic_core::published::Protocol;
use clinic_engine::run::Run;
use clinic_report::export;

use crate::args::ExportArgs;
use crate::exit::{Exit, Wrong};
use crate::print;

pub fn export(args: &ExportArgs) -> anyhow::Result<Exit> {
    let format = export::FORMATS
        .into_iter()
        .find(|format| format.name() == args.format)
        .ok_or_else(|| Wrong::new(format!("no format is called '{}'", args.format)))?;
    let run = Run::look(&args.run)?;
    let files = export::export(&run, format, args.out.as_deref())?;
    let reference = run.plan().protocol == Protocol::Reference;
    if format.name() == "reference" && !reference {
        let score = format!("clinic score {} --protocol reference", run.folder().display());
        print::status(&format!("no result files: they need the published arithmetic; {score}"));
    }
    if args.json {
        print::json(&files);
    } else {
        for file in files {
            print::result(&file.display().to_string());
        }
    }
    Ok(Exit::Done)
}
