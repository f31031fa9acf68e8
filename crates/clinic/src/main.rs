//! The `clinic` command: arguments in, exit code out; all logic is in the libraries.

mod args;
mod commands;
mod exit;
mod graders;
mod hub;
#[cfg(feature = "llama")]
mod local;
mod models;
mod offline;
mod print;
mod progress;

use clap::Parser;

fn main() -> std::process::ExitCode {
    let args = args::Args::parse();
    if args.offline {
        offline::forbid_network();
    }
    let languages = args.languages_file.as_deref().map_or(Ok(()), commands::languages);
    match languages.and_then(|()| commands::dispatch(args.command)) {
        Ok(exit) => exit.into(),
        Err(error) => {
            print::error(&error);
            exit::of(&error).into()
        }
    }
}
