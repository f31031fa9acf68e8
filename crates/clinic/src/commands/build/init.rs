//! `clinic build init`: a project's folder.

use std::path::Path;

use clinic_build::Project;
use clinic_core::language::Languages;
use serde_json::json;

use crate::args::InitArgs;
use crate::exit::{Exit, Wrong};
use crate::print;

pub fn init(args: &InitArgs) -> anyhow::Result<Exit> {
    let name = match &args.name {
        Some(name) => name.clone(),
        None => std::path::absolute(&args.dir)?
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .ok_or_else(|| Wrong::new("the folder has no name").hint("give the set one: --name"))?,
    };
    let mut tags = vec!["en".to_owned()];
    for language in &args.languages {
        let language = Languages::current().find(language.trim())?;
        if !tags.contains(&language.tag) {
            tags.push(language.tag.clone());
        }
    }
    let project = Project::create(&args.dir, &written(&name, &tags))?;
    let documents = project.folder().join("documents");
    for tag in &tags {
        std::fs::create_dir_all(documents.join(tag))?;
    }
    let dir = args.dir.display();
    if args.json {
        print::json(&json!({ "folder": args.dir, "name": name, "languages": tags }));
    } else {
        print::result(&told(&args.dir));
    }
    print::status(&format!(
        "next: put documents into {dir}/documents, then clinic build collect {dir}"
    ));
    Ok(Exit::Done)
}

fn told(dir: &Path) -> String {
    format!(
        "{0}/build.toml   what is made, of which sources; edit it\n\
         {0}/documents    a folder a language, for documents of your own",
        dir.display()
    )
}

/// The first `build.toml`, with all keys that most projects change.
fn written(name: &str, tags: &[String]) -> String {
    let name = toml_string(name);
    let languages: Vec<String> = tags.iter().map(|tag| toml_string(tag)).collect();
    let languages = languages.join(", ");
    include_str!("build.toml").replace("\"NAME\"", &name).replace("LANGUAGES", &languages)
}

/// A string as TOML writes it; JSON's escapes are among TOML's.
fn toml_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
