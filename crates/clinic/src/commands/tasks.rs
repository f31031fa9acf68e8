//! `clinic tasks`: the list, or one whole.

use clinic_core::task::{Dimension, Task};
use serde_json::{Value, json};

use super::selection;
use crate::args::TasksArgs;
use crate::exit::Exit;
use crate::print;

pub fn tasks(args: &TasksArgs) -> anyhow::Result<Exit> {
    let library = selection::library(args.tasks_dir.as_deref())?;
    match &args.name {
        Some(name) => {
            let task = library.find(name)?;
            if args.json {
                let mut value = brief(task);
                value["file"] = json!(task.text);
                print::json(&value);
            } else {
                print::result(&format!("{}\nsha256 {}", task.text.trim_end(), task.digest));
            }
        }
        None if args.json => print::json(&library.iter().map(brief).collect::<Vec<_>>()),
        None => {
            let mut table = clinic_report::grid(print::width());
            table.set_header(["task", "scorer", "headline", "samples"]);
            for dimension in Dimension::ALL {
                table.add_row([dimension.to_string().to_uppercase()]);
                for task in library.iter().filter(|task| task.dimension == dimension) {
                    let metric = &task.metrics[0];
                    table.add_row([
                        format!("  {}", task.name),
                        task.scorer.kind().to_owned(),
                        format!("{} {}", metric.name, metric.better.arrow()),
                        task.data.samples.to_string(),
                    ]);
                }
            }
            print::result(&clinic_report::finish(&mut table));
            print::result("\nShow one whole: clinic tasks NAME");
        }
    }
    Ok(Exit::Done)
}

fn brief(task: &Task) -> Value {
    let metrics: Vec<Value> = task
        .metrics
        .iter()
        .map(|m| json!({"name": m.name, "better": m.better, "means": m.means}))
        .collect();
    json!({
        "name": task.name,
        "dimension": task.dimension,
        "title": task.title,
        "samples": task.data.samples,
        "scorer": task.scorer.kind(),
        "metrics": metrics,
        "sha256": task.digest,
    })
}
