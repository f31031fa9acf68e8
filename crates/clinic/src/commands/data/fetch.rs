//! `clinic data fetch`: a dataset of the hub, onto this machine.

use crate::args::FetchArgs;
use crate::exit::{Exit, Wrong};
use crate::{hub, print};

/// Fetches all tables of a dataset at one commit.
pub fn fetch(args: &FetchArgs) -> anyhow::Result<Exit> {
    let Some(snapshot) = hub::dataset(&args.source)? else {
        let what = format!("'{}' names no dataset of the hub", args.source);
        return Err(Wrong::new(what)
            .hint("write hf:OWNER/NAME, with @REVISION if you like")
            .into());
    };
    if args.json {
        print::json(&snapshot);
        return Ok(Exit::Done);
    }
    print::result(&format!("dataset  {}", snapshot.name));
    print::result(&format!("folder   {}", snapshot.folder.display()));
    for file in &snapshot.files {
        print::result(&format!("         {file}"));
    }
    print::status(&format!("what is in it: clinic data import {}", snapshot.name));
    Ok(Exit::Done)
}
