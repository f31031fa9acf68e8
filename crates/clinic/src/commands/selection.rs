//! What a command works on: tasks, languages and samples, as the arguments mean them.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use clinic_core::dataset::{Dataset, Manifest, Reading};
use clinic_core::language::{Language, Languages};
use clinic_core::published::Protocol;
use clinic_core::sample::{Gap, Sample};
use clinic_core::system::System;
use clinic_core::task::{Library, Task};
use clinic_data::detect;
use clinic_engine::model::provider::HUB;
use clinic_engine::run::{self, DataRef, Format, ModelRef, Plan, TaskRef};
use clinic_engine::scorer::Judging;

use super::mitigations;
use crate::args::{SystemArgs, WhatArgs};
use crate::exit::Wrong;
use crate::hub;

/// The samples that the arguments mean.
pub struct Selection {
    pub tasks: Vec<Task>,
    pub languages: Vec<Language>,
    pub samples: Vec<Sample>,
    pub gaps: Vec<Gap>,
    pub data: DataRef,
    /// What stands above every question.
    pub system: Option<System>,
    limit: Option<usize>,
}

/// Reads tasks and data.
pub fn select(args: &WhatArgs) -> anyhow::Result<Selection> {
    let library = library(args.tasks_dir.as_deref())?;
    let tasks = library.select(&args.tasks)?;
    let (data, source) = dataset(&args.data, &library)?;
    read(args, &library, tasks, &data, source)
}

/// Reads the samples of a dataset.
fn read(
    args: &WhatArgs,
    library: &Library,
    tasks: Vec<&Task>,
    data: &Dataset,
    source: String,
) -> anyhow::Result<Selection> {
    check_files(data, library)?;
    let languages = languages(args, data, &tasks)?;
    let limit = args.limit.map(|limit| limit as usize);
    let Reading { samples, gaps, digests: files } = run::samples(data, &tasks, &languages, limit)?;
    if samples.is_empty() {
        // What is wrong inside a file says more than that others are missing.
        let mut lines: Vec<(bool, String)> =
            gaps.iter().map(|gap| (gap.column.is_none(), format!("\n  {gap}"))).collect();
        lines.sort();
        lines.dedup();
        let gaps: String = lines.into_iter().take(5).map(|(_, line)| line).collect();
        let mut wrong = Wrong::new(format!("the data holds no sample of what was asked for{gaps}"));
        if languages.is_empty() {
            wrong = wrong.hint(
                "a language's column is headed by its English name; name other headers in the \
                 manifest under columns.languages",
            );
        }
        return Err(wrong.into());
    }
    let named_tasks = |task: &&&Task| args.tasks.contains(&task.name);
    if let Some(task) =
        tasks.iter().filter(named_tasks).find(|task| !samples.iter().any(|s| s.task == task.name))
    {
        let why = gaps.iter().find(|gap| gap.task == task.name);
        let why = why.map_or_else(String::new, |gap| format!(": {gap}"));
        return Err(Wrong::new(format!("the data holds no sample of {}{why}", task.name)).into());
    }
    let manifest = data.manifest();
    Ok(Selection {
        tasks: tasks.into_iter().cloned().collect(),
        languages: languages.into_iter().cloned().collect(),
        samples,
        gaps,
        data: DataRef {
            source,
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            files,
        },
        system: None,
        limit,
    })
}

impl Selection {
    /// Puts the system prompt that the arguments mean above every question.
    pub fn under(mut self, args: &SystemArgs) -> anyhow::Result<Self> {
        self.system = mitigations::system(args, &self.languages)?;
        Ok(self)
    }

    /// Keeps these tasks and languages.
    pub fn keep(&mut self, tasks: &BTreeSet<String>, languages: &BTreeSet<String>) {
        self.tasks.retain(|task| tasks.contains(&task.name));
        self.languages.retain(|language| languages.contains(&language.tag));
        self.samples.retain(|s| tasks.contains(&s.task) && languages.contains(&s.language));
        let kept = |gap: &Gap| {
            tasks.contains(&gap.task) && gap.language.as_ref().is_none_or(|l| languages.contains(l))
        };
        self.gaps.retain(kept);
    }

    /// A plan for it that names no model yet and does not score.
    pub fn plan(&self, protocol: Protocol, prompt_format: Format) -> Plan {
        let none =
            ModelRef { name: String::new(), base_url: None, identity: String::new(), price: None };
        Plan {
            clinic: env!("CARGO_PKG_VERSION").to_owned(),
            seed: 0,
            reasoning_tokens: 0,
            protocol,
            prompt_format,
            system: self.system.clone(),
            score: false,
            languages: self.languages.iter().map(|l| l.tag.clone()).collect(),
            tiers: self.languages.iter().map(|l| (l.tag.clone(), l.tier)).collect(),
            budget: None,
            batch: false,
            limit: self.limit,
            imported: None,
            model: none,
            judge: None,
            toxicity: None,
            judging: Judging::default(),
            embedder: None,
            earlier: Vec::new(),
            data: self.data.clone(),
            tasks: self
                .tasks
                .iter()
                .map(|task| TaskRef { name: task.name.clone(), sha256: task.digest.clone() })
                .collect(),
        }
    }
}

/// The tasks, with a user's own.
pub fn library(folder: Option<&Path>) -> anyhow::Result<Library> {
    let library = Library::builtin()?;
    Ok(match folder {
        Some(folder) => library.with_folder(folder)?,
        None => library,
    })
}

/// Refuses a manifest with files that no task reads.
pub fn check_files(data: &Dataset, library: &Library) -> anyhow::Result<()> {
    let files: HashSet<&str> = library
        .iter()
        .flat_map(|task| &task.data.groups)
        .flat_map(|group| group.variants().map(|(_, file)| file))
        .collect();
    match data.manifest().files.keys().find(|name| !files.contains(name.as_str())) {
        Some(name) => {
            Err(Wrong::new(format!("the manifest has files.{name}, which no task reads"))
                .hint("check the spelling: clinic tasks NAME shows the files of a task")
                .into())
        }
        None => Ok(()),
    }
}

/// The languages that the arguments name; else those that the data has.
pub fn languages(
    args: &WhatArgs,
    data: &Dataset,
    tasks: &[&Task],
) -> anyhow::Result<Vec<&'static Language>> {
    let known = Languages::current();
    let mut languages: Vec<&Language> =
        args.languages.iter().map(|name| known.find(name)).collect::<Result<_, _>>()?;
    if languages.is_empty() {
        languages = data.languages(tasks, known);
    }
    languages.sort_by_key(|language| known.position(&language.tag));
    languages.dedup();
    Ok(languages)
}

/// The dataset that `--data` means, and its name with the commit where it has one.
pub fn dataset(source: &str, library: &Library) -> anyhow::Result<(Dataset, String)> {
    if source == "starter" {
        return Ok((Dataset::starter()?, source.to_owned()));
    }
    if let Some(snapshot) = hub::dataset(source)? {
        let tasks: Vec<&Task> = library.iter().collect();
        let look = detect::look(&snapshot.folder, None, &tasks)?;
        if look.found.is_empty() || !look.doubtful.is_empty() {
            let what = format!(
                "{}: {} dataset files were told for sure, {} not",
                snapshot.name,
                look.found.len(),
                look.doubtful.len()
            );
            let hint = format!(
                "make a manifest and correct it: clinic data import {source} --out my.toml"
            );
            return Err(Wrong::new(what).hint(hint).into());
        }
        let name = snapshot.name.trim_start_matches(HUB).split('@').next().unwrap_or_default();
        let text = look.manifest(name, Some(&snapshot.name));
        let manifest = Manifest::parse(snapshot.folder.join("manifest.toml"), text.as_bytes())?;
        return Ok((Dataset::with(&snapshot.folder, manifest), snapshot.name));
    }
    let data = Dataset::folder(Path::new(source))?;
    let Some(origin) = data.manifest().origin.clone() else { return Ok((data, source.to_owned())) };
    let Some(snapshot) = hub::dataset(&origin)? else {
        let what = format!("{source}: origin must be hf:OWNER/NAME@COMMIT, not '{origin}'");
        return Err(Wrong::new(what).into());
    };
    Ok((Dataset::with(&snapshot.folder, data.manifest().clone()), source.to_owned()))
}
