//! Which item stands in which row of a dataset file.

use std::collections::BTreeMap;

use clinic_core::task::{Rows, Task};

use super::Chosen;
use crate::StepError;

/// A task that reads a file, and which rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct User<'a> {
    pub task: &'a Task,
    pub rows: Rows,
}

/// The rows of a file: the task that reads each, and its item.
pub(super) type Order<'a> = Vec<(&'a Task, &'a Chosen)>;

/// Puts the items of a file's tasks into rows so that each task reads its own.
pub(super) fn rows<'a>(
    file: &str,
    users: &[User<'a>],
    chosen: &'a BTreeMap<String, Vec<Chosen>>,
) -> Result<Order<'a>, StepError> {
    let items = |user: &User<'_>| chosen.get(&user.task.name).map_or(&[][..], Vec::as_slice);
    let wrong = |problem: String| Err(StepError::Input(problem));
    if let [user] = users {
        let items = items(user);
        match user.rows {
            Rows::Last { last } if items.len() > last => {
                return wrong(format!(
                    "{} has {} items, and the task reads the last {last} rows of {file}; choose \
                     {last} at most",
                    user.task.name,
                    items.len()
                ));
            }
            Rows::All | Rows::Last { .. } => {
                return Ok(items.iter().map(|item| (user.task, item)).collect());
            }
            Rows::Every { .. } => {}
        }
    }
    let every = in_turn(file, users)?;
    let turns: Vec<Option<&User<'_>>> =
        (0..every).map(|turn| users.iter().find(|user| starts(user) == Some(turn))).collect();
    let counts: Vec<String> = turns
        .iter()
        .enumerate()
        .map(|(turn, user)| match user {
            Some(user) => format!("{} has {}", user.task.name, items(user).len()),
            None => format!("no task of the set reads rows {turn}, {}, …", turn + every),
        })
        .collect();
    let each: Option<Vec<&User<'a>>> = turns.into_iter().collect();
    let length = users.first().map_or(0, |user| items(user).len());
    let Some(each) = each.filter(|each| each.iter().all(|user| items(user).len() == length)) else {
        return wrong(format!(
            "the rows of {file} belong to {every} tasks in turn, which need as many items each: {}; \
             choose the same number, or leave out all of them",
            counts.join(", ")
        ));
    };
    let row = |n: usize| each.iter().map(move |user| (user.task, &items(user)[n]));
    Ok((0..length).flat_map(row).collect())
}

/// After how many rows it is a task's turn again.
fn in_turn(file: &str, users: &[User<'_>]) -> Result<usize, StepError> {
    let steps: Option<Vec<usize>> = users
        .iter()
        .map(|user| match user.rows {
            Rows::Every { every, .. } => Some(every),
            _ => None,
        })
        .collect();
    let mut starts: Vec<Option<usize>> = users.iter().map(starts).collect();
    starts.sort_unstable();
    starts.dedup();
    match steps.as_deref() {
        Some([every, rest @ ..])
            if rest.iter().all(|other| other == every) && starts.len() == users.len() =>
        {
            Ok(*every)
        }
        _ => {
            let names: Vec<&str> = users.iter().map(|user| user.task.name.as_str()).collect();
            Err(StepError::Input(format!(
                "{} read rows of {file} that cannot be kept apart; leave out all but one of them, or \
                 give their task files a file each",
                names.join(" and ")
            )))
        }
    }
}

fn starts(user: &User<'_>) -> Option<usize> {
    match user.rows {
        Rows::Every { start, .. } => Some(start),
        _ => None,
    }
}
