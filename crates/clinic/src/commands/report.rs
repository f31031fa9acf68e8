//! `clinic report`: the table of a run.

use clinic_engine::run::Run;

use super::session;
use crate::args::ReportArgs;
use crate::exit::Exit;

pub fn report(args: &ReportArgs) -> anyhow::Result<Exit> {
    session::conclude(&Run::look(&args.run)?, args.json, args.all)
}
