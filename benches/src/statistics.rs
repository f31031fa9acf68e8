//! The cluster bootstrap of all models, tasks and languages.

use std::error::Error;
use std::time::{Duration, Instant};

use clinic_core::stats::Interval;
use clinic_core::stats::bootstrap::{Totals, means};

use crate::Bench;
use crate::page::{Table, seconds, whole};

const MODELS: usize = 13;
const TASKS: usize = 18;
const ITEMS: usize = 107;
const LANGUAGES: usize = 15;
const REPLICATES: usize = 10_000;

/// Measures it.
pub fn bench(_: &Bench) -> Result<String, Box<dyn Error>> {
    let tasks: Vec<Totals> = (0..TASKS).map(totals).collect();
    let (one, alone) = timed(&tasks, 1)?;
    let (two, together) = timed(&tasks, 2)?;
    if alone != together {
        return Err("the intervals depend on the number of threads".into());
    }
    let mut table = Table::new(&["threads", "wall, s"]);
    table.row(&[&1, &seconds(one)]);
    table.row(&[&2, &seconds(two)]);
    Ok(format!(
        "## Statistics\n\n\
         {} cluster-bootstrap replicates of {MODELS} models on {} samples ({TASKS} tasks of {ITEMS} \
         items in {LANGUAGES} languages; an item with all its languages is a cluster), and from them \
         a mean's interval for each model, task and language, {} in all. The intervals are the same \
         to the bit.\n\n{table}",
        whole(REPLICATES),
        whole(TASKS * ITEMS * LANGUAGES),
        whole(MODELS * TASKS * LANGUAGES),
    ))
}

/// A task's verdicts, of which a model's items differ in how hard they are.
fn totals(task: usize) -> Totals {
    let mut totals = Totals::new(MODELS * LANGUAGES, ITEMS);
    for model in 0..MODELS {
        for item in 0..ITEMS {
            for language in 0..LANGUAGES {
                let hard = (item * 31 + task * 7) % 10;
                let verdict = (model + language * 3 + item) % 10 >= hard;
                totals.add(model * LANGUAGES + language, item, f64::from(u8::from(verdict)));
            }
        }
    }
    totals
}

type Intervals = Vec<Option<Interval>>;

fn timed(tasks: &[Totals], threads: usize) -> Result<(Duration, Intervals), Box<dyn Error>> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    let begun = Instant::now();
    let intervals = pool.install(|| {
        let task = |(seed, task)| means(task, REPLICATES, seed).intervals();
        (0..).zip(tasks).flat_map(task).collect()
    });
    Ok((begun.elapsed(), intervals))
}
