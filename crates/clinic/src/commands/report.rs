//! `clinic report`: the table of a run.

use clinic_engine::run::Run;

use super::work;
use crate::args::ReportArgs;
use crate::exit::Exit;

pub fn report(args: &ReportArgs) -> anyhow::Result<Exit> {
    work::conclude(&Run::look(&args.run)?, args.json, args.all)
}
