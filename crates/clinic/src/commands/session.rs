//! What the commands that make or change a run share: its models and its plan.

use std::path::{Path, PathBuf};

use clinic_core::published;
use clinic_core::task::{Rubrics, Task};
use clinic_engine::model::provider::Name;
use clinic_engine::model::{Model, preset};
use clinic_engine::run::{Format, ModelRef, Plan, Run};
use clinic_engine::scorer::Judging;

use super::selection::Selection;
use super::work;
use crate::args::{
    Choice, GenerateArgs, GraderChoice, MoneyArgs, PaceArgs, PanelArgs, PromptFormat, Protocol,
};
use crate::exit::Wrong;
use crate::graders::{self, ReadyGrader};
use crate::models::{self, Ready};
use crate::{money, print};

/// Models that score, and how the plan names them.
#[derive(Default)]
pub struct Scorers {
    pub judge: Option<Ready<dyn Model>>,
    pub toxicity: Option<ReadyGrader>,
    pub embedder: Option<Ready<dyn clinic_engine::model::Embedder>>,
}

impl Scorers {
    /// Loads or connects those that are named; a model that is loaded already is not loaded twice.
    pub fn ready(
        args: &PanelArgs,
        pace: &PaceArgs,
        protocol: published::Protocol,
        tested: Option<&Ready<dyn Model>>,
    ) -> anyhow::Result<Self> {
        let mut scorers = Self::default();
        if let Some(Choice::Model(name)) = &args.judge {
            scorers.judge = Some(share(name, args.judge_base_url.as_deref(), pace, &[tested])?);
        }
        if let Some(GraderChoice::Grader(name)) = &args.toxicity {
            let loaded = [tested, scorers.judge.as_ref()];
            let url = args.toxicity_base_url.as_deref();
            let load = |name: &Name| share(name, url, pace, &loaded);
            scorers.toxicity = Some(graders::grader(name, url, pace, protocol, load)?);
        }
        if let Some(Choice::Model(name)) = &args.embedder {
            let url = args.embedder_base_url.as_deref();
            scorers.embedder = Some(models::embedder(name, url, pace)?);
        }
        Ok(scorers)
    }

    /// Puts prices into what the plan names.
    pub fn price(&mut self, money: &MoneyArgs) {
        self.named_mut().for_each(|model| money::price(model, money));
    }

    /// Takes the prices of models that a plan names.
    pub fn price_as(&mut self, models: &[ModelRef]) {
        for model in self.named_mut() {
            let known = models.iter().find(|known| known.identity == model.identity);
            model.price = known.and_then(|known| known.price.clone());
        }
    }

    fn named_mut(&mut self) -> impl Iterator<Item = &mut ModelRef> {
        let judge = self.judge.as_mut().map(|ready| &mut ready.named);
        let toxicity = self.toxicity.as_mut().map(ReadyGrader::named_mut);
        let embedder = self.embedder.as_mut().map(|ready| &mut ready.named);
        [judge, toxicity, embedder].into_iter().flatten()
    }

    /// How the plan names them.
    pub fn named(&self) -> [Option<ModelRef>; 3] {
        [
            self.judge.as_ref().map(|ready| ready.named.clone()),
            self.toxicity.as_ref().map(|ready| ready.named().clone()),
            self.embedder.as_ref().map(|ready| ready.named.clone()),
        ]
    }
}

/// A model that one of `loaded` may be already.
fn share(
    name: &Name,
    base_url: Option<&str>,
    pace: &PaceArgs,
    loaded: &[Option<&Ready<dyn Model>>],
) -> anyhow::Result<Ready<dyn Model>> {
    let same = |ready: &&Ready<dyn Model>| {
        ready.named.name == models::text(name) && ready.named.base_url.as_deref() == base_url
    };
    match loaded.iter().flatten().copied().find(same) {
        Some(ready) => Ok(Ready { model: ready.model.clone(), named: ready.named.clone() }),
        None => models::model(name, base_url, pace),
    }
}

/// The arguments that a plan's scoring models stand for, with new ones put over them.
pub fn panel_args(plan: &Plan, new: Option<&PanelArgs>) -> anyhow::Result<PanelArgs> {
    let old = |model: &Option<ModelRef>| -> anyhow::Result<(Option<Choice>, Option<String>)> {
        Ok(match model {
            Some(model) => (Some(Choice::Model(model.name.parse()?)), model.base_url.clone()),
            None => (None, None),
        })
    };
    let over = |new: Option<(&Option<Choice>, &Option<String>)>, model: &Option<ModelRef>| match new
    {
        // The same model without an address is the same model at the same address.
        Some((Some(Choice::Model(name)), None))
            if model.as_ref().is_some_and(|old: &ModelRef| old.name == models::text(name)) =>
        {
            old(model)
        }
        Some((Some(choice), url)) => Ok((Some(choice.clone()), url.clone())),
        _ => old(model),
    };
    let (judge, judge_base_url) = over(new.map(|n| (&n.judge, &n.judge_base_url)), &plan.judge)?;
    let (toxicity, toxicity_base_url) = graders::over(plan, new)?;
    let (embedder, embedder_base_url) =
        over(new.map(|n| (&n.embedder, &n.embedder_base_url)), &plan.embedder)?;
    Ok(PanelArgs {
        judge,
        judge_base_url,
        judge_votes: None,
        judge_temperature: None,
        judge_reasoning_tokens: None,
        rubrics: None,
        toxicity,
        toxicity_base_url,
        embedder,
        embedder_base_url,
    })
}

/// How a judge is asked: as before, with what is newly given put over it.
pub fn judging(before: Judging, args: &PanelArgs) -> anyhow::Result<Judging> {
    let judging = Judging {
        votes: args.judge_votes.unwrap_or(before.votes),
        temperature: args.judge_temperature.or(before.temperature),
        reasoning_tokens: args.judge_reasoning_tokens.unwrap_or(before.reasoning_tokens),
    };
    sensible(judging)
}

/// Refuses votes that cannot differ.
pub fn sensible(judging: Judging) -> anyhow::Result<Judging> {
    if judging.votes > 1 && judging.temperature == Some(0.0) {
        return Err(Wrong::new("the votes of a judge at temperature 0 are all alike")
            .hint("give --judge-temperature above 0, or ask for one vote")
            .into());
    }
    Ok(judging)
}

/// Refuses options for a judge where none is named: they would do nothing.
pub fn check_judge(given: &PanelArgs, panel: &PanelArgs) -> anyhow::Result<()> {
    let judge = matches!(panel.judge, Some(Choice::Model(_)))
        || matches!(panel.toxicity, Some(GraderChoice::Grader(_)));
    let rubrics = given.rubrics.as_deref().is_some_and(|folder| folder != Path::new("none"));
    let options = [
        ("--judge-votes", given.judge_votes.is_some()),
        ("--judge-temperature", given.judge_temperature.is_some()),
        ("--judge-reasoning-tokens", given.judge_reasoning_tokens.is_some()),
        ("--rubrics", rubrics),
    ];
    match options.into_iter().find(|(_, given)| *given && !judge) {
        None => Ok(()),
        Some((name, _)) => Err(Wrong::new(format!("{name} needs a judge, and none is named"))
            .hint("name one by --judge; lexical rules take no such option")
            .into()),
    }
}

/// Puts the rubrics of `--rubrics` into a run; without the option they stay.
pub fn set_rubrics(run: &mut Run, args: &PanelArgs) -> anyhow::Result<()> {
    let Some(folder) = &args.rubrics else { return Ok(()) };
    let rubrics = read_rubrics(folder)?;
    Ok(run.set_rubrics(&rubrics)?)
}

fn read_rubrics(folder: &Path) -> anyhow::Result<Vec<Rubrics>> {
    if folder == Path::new("none") {
        return Ok(Vec::new());
    }
    Ok(Rubrics::folder(folder)?)
}

/// Checks the rubrics of `--rubrics` against tasks, so that a slip costs no answer.
pub fn check_rubrics(args: &PanelArgs, tasks: &[Task]) -> anyhow::Result<()> {
    let Some(folder) = &args.rubrics else { return Ok(()) };
    for rubrics in read_rubrics(folder)? {
        let Some(task) = tasks.iter().find(|task| task.name == rubrics.task) else {
            let what =
                format!("{}: the run has no task '{}'", rubrics.file.display(), rubrics.task);
            return Err(Wrong::new(what).hint("the file is named after its task").into());
        };
        rubrics.apply(&mut task.clone())?;
    }
    Ok(())
}

/// Refuses the protocol reference where a task does not say what the published scripts do.
pub fn check_protocol<'a>(
    protocol: published::Protocol,
    tasks: impl IntoIterator<Item = &'a Task>,
) -> anyhow::Result<()> {
    let reference = protocol == published::Protocol::Reference;
    match tasks.into_iter().find(|task| reference && task.published.is_none()) {
        None => Ok(()),
        Some(task) => {
            let what = format!("the task '{}' has no [published] table", task.name);
            let hint = "give it one, leave the task out, or take --protocol default";
            Err(Wrong::new(what).hint(hint).into())
        }
    }
}

/// Makes the run's folder and plan.
pub fn create(
    args: &GenerateArgs,
    selection: Selection,
    model: &Ready<dyn Model>,
    scorers: &Scorers,
    panel: Option<&PanelArgs>,
) -> anyhow::Result<Run> {
    check_protocol(args.protocol.into(), &selection.tasks)?;
    let judging = panel.map_or(Ok(Judging::default()), |p| self::judging(Judging::default(), p))?;
    let [judge, toxicity, embedder] = scorers.named();
    let scoring = [&judge, &toxicity, &embedder].into_iter().flatten();
    let models: Vec<&ModelRef> = std::iter::once(&model.named).chain(scoring).collect();
    if args.batch.batch {
        work::check_batch(&models, &args.pace)?;
    }
    money::check_prices(&args.money, &models)?;
    money::check_budget(args.money.budget, &models)?;
    let preset = preset::of(&model.named.name);
    if let Some((preset, ends)) = preset.and_then(|preset| Some((preset, preset.ends.as_ref()?))) {
        let next = preset.successor.as_deref().unwrap_or("none");
        print::status(&format!("note: {} ends on {ends}; its successor: {next}", preset.name));
    }
    let format = match (args.prompt_format, args.protocol) {
        (Some(PromptFormat::Raw), _) if !model.model.takes_raw() => {
            let what = format!("{} continues no bare text", model.named.name);
            return Err(Wrong::new(what).hint("leave --prompt-format raw out").into());
        }
        (Some(PromptFormat::Chat), _) => Format::Chat,
        (None, Protocol::Default) => preset.map_or(Format::Chat, |preset| preset.format),
        // Nor did the published scripts ask such a model in any other way.
        (None, Protocol::Reference) if !model.model.takes_raw() => Format::Chat,
        (Some(PromptFormat::Raw), _) | (None, Protocol::Reference) => Format::Raw,
    };
    let plan = Plan {
        seed: args.seed,
        reasoning_tokens: args
            .reasoning_tokens
            .unwrap_or_else(|| preset.map_or(0, |preset| preset.reasoning_tokens)),
        score: panel.is_some(),
        judging,
        budget: args.money.budget,
        batch: args.batch.batch,
        model: model.named.clone(),
        judge,
        toxicity,
        embedder,
        ..selection.plan(args.protocol.into(), format)
    };
    let folder = args.out.clone().unwrap_or_else(|| free_folder(&folder_name(&args.model)));
    let mut run = Run::create(&folder, plan, selection.tasks, &selection.samples, &selection.gaps)?;
    if let Some(panel) = panel {
        set_rubrics(&mut run, panel)?;
    }
    print::status(&format!("run in {}", run.folder().display()));
    Ok(run)
}

/// A model's name as a folder's.
fn folder_name(model: &Name) -> String {
    match model {
        Name::Llama(path) => {
            Path::new(path).file_stem().unwrap_or_default().to_string_lossy().into_owned()
        }
        Name::Http { model, .. } => model.clone(),
    }
}

/// `runs/MODEL-N` with the first N that is free.
pub fn free_folder(model: &str) -> PathBuf {
    let plain = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    let name: String = model.chars().map(plain).collect();
    let folder = |n: usize| Path::new("runs").join(format!("{name}-{n}"));
    (1..).map(folder).find(|folder| !folder.exists()).unwrap_or_else(|| folder(0))
}
