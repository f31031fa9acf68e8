//! The `clinic` command: arguments in, exit code out; all logic is in the libraries.

mod args;
mod commands;
mod exit;
mod graders;
mod hub;
#[cfg(feature = "llama")]
mod local;
mod log;
mod models;
mod money;
mod offline;
#[cfg(feature = "otel")]
mod otel;
mod print;
mod progress;

use clap::Parser;

fn main() -> std::process::ExitCode {
    let args = args::Args::parse();
    if args.offline {
        offline::forbid_network();
    }
    // Dropped at the end, when there is nothing more to tell.
    let watched = log::start(args.log.as_deref(), args.log_texts);
    if let Err(error) = watched.as_ref() {
        print::error(error);
        return exit::of(error).into();
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
