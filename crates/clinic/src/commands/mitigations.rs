//! `clinic mitigations`: the list, or one in every language; and the system prompt that the
//! arguments of a run mean.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use clinic_core::language::{Language, Languages};
use clinic_core::mitigation::{Mitigation, Mitigations};
use clinic_core::plain::plain;
use clinic_core::system::{LARGEST_FILE, Source, System};

use crate::args::{MitigationsArgs, SystemArgs};
use crate::exit::{Exit, Wrong};
use crate::print;

pub fn mitigations(args: &MitigationsArgs) -> anyhow::Result<Exit> {
    let all = list(args.mitigations_file.as_deref())?;
    let Some(name) = &args.name else {
        if args.json {
            print::json(&all.iter().collect::<Vec<_>>());
        } else {
            let mut table = clinic_report::grid(print::width());
            table.set_header(["mitigation", "what it asks", "meant for", "may cost"]);
            for one in all.iter() {
                let names = |names: &[String]| {
                    names.iter().map(|name| plain(name, 60)).collect::<Vec<_>>().join("\n")
                };
                let [meant_for, may_cost] = [names(&one.meant_for), names(&one.may_cost)];
                table.add_row([one.name.clone(), plain(&one.title, 80), meant_for, may_cost]);
            }
            print::result(&clinic_report::finish(&mut table));
            print::result("\nShow one whole: clinic mitigations NAME");
        }
        return Ok(Exit::Done);
    };
    let one = find(&all, name)?;
    if args.json {
        print::json(one);
    } else {
        print::result(&format!("{}: {}", one.name, one.title));
        let mut texts: Vec<_> = one.text.iter().collect();
        texts.sort_by_key(|(tag, _)| Languages::current().position(tag));
        for (tag, text) in texts {
            print::result(&format!("\n{tag}\n{text}"));
        }
    }
    Ok(Exit::Done)
}

/// The system prompt that the arguments mean, in these languages.
pub fn system(args: &SystemArgs, languages: &[Language]) -> anyhow::Result<Option<System>> {
    let mut sources = Vec::new();
    if let Some(file) = &args.system_prompt {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let source = Source::file(&plain(&name, 80), &read(file)?);
        sources.push(source.map_err(|why| Wrong::new(format!("{}: {why}", file.display())))?);
    }
    if !args.mitigation.is_empty() {
        let all = list(args.mitigations_file.as_deref())?;
        for name in &args.mitigation {
            sources.push(find(&all, name.trim())?.into());
        }
    }
    let system = System::of(&sources, languages);
    Ok(system.map_err(|why| {
        let hint = "a text for each language of the run is needed; leave languages out with \
                    --languages, or write the texts: docs/mitigations.md";
        let wrong = Wrong::new(format!("the system prompt cannot be made: {why}"));
        if why.contains("no text in") { wrong.hint(hint) } else { wrong }
    })?)
}

/// The mitigations, with a user's own.
fn list(file: Option<&Path>) -> anyhow::Result<Mitigations> {
    let Some(file) = file else { return Ok(Mitigations::builtin()) };
    let wrong = |why: String| Wrong::new(format!("{}: {why}", file.display()));
    let text =
        String::from_utf8(read(file)?).map_err(|error| wrong(format!("not UTF-8: {error}")))?;
    Ok(Mitigations::with(&text).map_err(wrong)?)
}

fn find<'a>(all: &'a Mitigations, name: &str) -> Result<&'a Mitigation, Wrong> {
    all.find(name)
        .map_err(|error| Wrong::new(error.to_string()).hint("clinic mitigations lists them"))
}

/// A file's bytes; of one that is too large only enough to see that.
fn read(file: &Path) -> Result<Vec<u8>, Wrong> {
    let mut bytes = Vec::new();
    File::open(file)
        .and_then(|open| open.take(LARGEST_FILE + 1).read_to_end(&mut bytes))
        .map_err(|error| Wrong::new(format!("{}: {error}", file.display())))?;
    Ok(bytes)
}
