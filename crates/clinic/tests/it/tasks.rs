//! Task files: what is listed, what is refused and why, and tasks of a user's own.

use clinic_fake::{Fake, Script};
use serde_json::json;

use crate::support::{Bench, CATEGORIES, DISTRIBUTION, JUDGED, PAIR, SIMILAR};

/// Fails unless this file is refused by its name, with these words.
#[track_caller]
fn refuses(task: &str, words: &[&str]) {
    let bench = Bench::new();
    bench.task(task);
    for command in ["tasks", "tasks honesty", "data stats"] {
        let done = bench.clinic(&format!("{command} --tasks-dir tasks")).exits(2);
        assert_eq!(done.out, "");
        done.says(&["error: tasks/"]).says(words);
    }
}

/// The same for a task with one part changed.
#[track_caller]
fn refuses_change(task: &str, from: &str, to: &str, words: &[&str]) {
    assert!(task.contains(from), "{from}");
    refuses(&task.replacen(from, to, 1), words);
}

#[test]
fn the_list_of_tasks() {
    insta::assert_snapshot!(Bench::new().clinic("tasks").exits(0).out);
}

#[test]
fn one_task_is_shown_whole() {
    let bench = Bench::new();
    let file = include_str!("../../../../tasks/truthfulness/honesty.toml");
    let shown = bench.clinic("tasks honesty").exits(0).out;
    assert!(shown.starts_with(file.trim_end()));
    let json = bench.clinic("tasks honesty --json").exits(0).json();
    assert_eq!(json["file"], file);
    assert!(shown.contains(json["sha256"].as_str().unwrap()));
    assert_eq!(bench.clinic("tasks --json").exits(0).json().as_array().unwrap().len(), 18);
}

#[test]
fn names_that_no_task_has() {
    let bench = Bench::of(1);
    for line in
        ["tasks honesti", "data stats --tasks honesti", "data stats --tasks honesty,honesti"]
    {
        bench.clinic(line).exits(2).says(&["no task or dimension is named 'honesti'", "honesty,"]);
    }
}

#[test]
fn a_key_that_is_not_known_is_refused_with_its_line() {
    refuses_change(JUDGED, "asks =", "color = 1\nasks =", &["judged.toml", "line 4", "`color`"]);
    let file = "files = { question = \"questions\" }";
    let more = format!("{file}, row = 1");
    refuses_change(JUDGED, file, &more, &["judged.toml", "line 6", "`row`"]);
    refuses_change(JUDGED, "rubric =", "rubrik =", &["judged.toml", "`rubrik`", "`rubric`"]);
}

#[test]
fn references_that_a_check_of_the_data_names_must_be_there() {
    for key in ["differ", "within"] {
        let line = format!("data.samples = 1\ndata.{key} = [\"gold\"]");
        let said = format!("data.{key}: there is no [data.references.gold]");
        refuses_change(JUDGED, "data.samples = 1", &line, &["judged.toml", &said]);
    }
}

#[test]
fn what_is_no_toml_or_lacks_a_key_is_refused_with_its_line() {
    refuses_change(JUDGED, "[scorer]", "[scorer", &["judged.toml", "line 15", "unclosed table"]);
    refuses_change(JUDGED, "title = \"Judged\"\n", "", &["judged.toml", "missing field `title`"]);
    refuses_change(JUDGED, "\"safety\"", "\"safty\"", &["judged.toml", "line 2", "`safty`"]);
    refuses_change(JUDGED, "max_tokens = 16", "max_tokens = -1", &["judged.toml", "line 8", "-1"]);
    refuses_change(JUDGED, "\"judge\"", "\"juge\"", &["judged.toml", "`juge`", "`judge`"]);
    let bench = Bench::new();
    bench.write("tasks/a.toml", b"name = \"\xff\"");
    bench.clinic("tasks --tasks-dir tasks").exits(2).says(&["tasks/a.toml: not UTF-8"]);
}

#[test]
fn a_file_has_the_name_of_its_task() {
    let bench = Bench::new();
    bench.write("tasks/other.toml", JUDGED);
    let done = bench.clinic("tasks --tasks-dir tasks").exits(2);
    done.says(&["tasks/other.toml: name: the file should be called judged.toml"]);
    for name in ["Judged", "my_task", "my task"] {
        refuses(&JUDGED.replace("judged", name), &[": name: use lower-case letters, digits and"]);
    }
}

#[test]
fn verdicts_that_cannot_be_used() {
    let first = "scorer.questions[0].verdicts";
    let missing = format!("judged.toml: {first}[1].score: give the verdict's score");
    refuses_change(JUDGED, "name = \"partly\", score = 0.25", "name = \"partly\"", &[&missing]);
    let twice = format!("judged.toml: {first}[1]: 'good' is listed twice");
    refuses_change(JUDGED, "name = \"partly\"", "name = \"good\"", &[&twice]);
    let wide = format!("judged.toml: {first}[1].score: must be from 0 to 1");
    refuses_change(JUDGED, "score = 0.25", "score = 25", &[&wide]);
    refuses_change(JUDGED, "score = 0.25", "score = nan", &[&wide]);
    let category = format!("categories.toml: {first}[0].score: a category has no score");
    refuses_change(CATEGORIES, "\"male\", ", "\"male\", score = 1.0, ", &[&category]);
    let few = "judged.toml: scorer.questions[1].verdicts: a judge needs at least two verdicts";
    refuses_change(JUDGED, ", { name = \"rude\", score = 0.0, means = \"m\" }", "", &[few]);
}

#[test]
fn questions_that_refer_to_nothing() {
    let key = "judged.toml: scorer.questions";
    let unknown = "only_if: no earlier question gives 'good' the verdict 'fine'";
    let only = "only_if = { good = \"good\" }";
    refuses_change(
        JUDGED,
        only,
        "only_if = { good = \"fine\" }",
        &[&format!("{key}[1].{unknown}")],
    );
    let itself = format!("{key}[1].only_if: no earlier question gives 'kind'");
    refuses_change(JUDGED, only, "only_if = { kind = \"kind\" }", &[&itself]);
    let shows = format!("{key}[0].shows: there is no 'answer' to show");
    refuses_change(JUDGED, "shows = [\"question\"]", "shows = [\"answer\"]", &[&shows]);
    let rubric = format!("{key}[0].rubric: the rubric is empty");
    refuses_change(JUDGED, "\"Is it good?\"", "\" \"", &[&rubric]);
    let rule = format!("{key}[0].rules: there is no rule 'magic'");
    refuses_change(JUDGED, "rubric =", "rules = \"magic\"\nrubric =", &[&rule]);
    let twice = "judged.toml: scorer: two scores are named 'good'";
    let lone = JUDGED.replace("only_if = { good = \"good\" }\n", "");
    refuses_change(&lone, "score = \"kind\"", "score = \"good\"", &[twice]);
}

#[test]
fn prompts_with_holes() {
    let frame = "\"Q: {question}\"";
    let hole = "judged.toml: prompt.frame: {instruction} has no [prompt.texts.instruction]";
    refuses_change(JUDGED, frame, "\"{instruction} {question}\"", &[hole]);
    refuses_change(
        JUDGED,
        frame,
        "\"Q:\"",
        &["judged.toml: prompt.frame: it must hold {question}"],
    );
    let texts = |tag: &str| format!("\"{{hint}} {{question}}\"\nprompt.texts.hint = {{ {tag} }}");
    let tag = "judged.toml: prompt.texts.hint.english: languages.toml has no such tag";
    refuses_change(JUDGED, frame, &texts("english = \"x\""), &[tag]);
    let empty = "judged.toml: prompt.texts.hint.en: the text is empty";
    refuses_change(JUDGED, frame, &texts("en = \"\""), &[empty]);
    let unused = "judged.toml: prompt.texts.hint: the frame does not hold {hint}";
    refuses_change(JUDGED, frame, &texts("en = \"x\"").replacen("{hint} ", "", 1), &[unused]);
}

#[test]
fn metrics_that_cannot_be_computed() {
    let of = "judged.toml: metrics[0].of: the scorer gives no score 'god'";
    refuses_change(JUDGED, "of = \"good\"", "of = \"god\"", &[of]);
    let kind = "judged.toml: metrics[0].kind: this metric cannot fold what the scorer gives";
    refuses_change(JUDGED, "kind = \"rate\"", "kind = \"skewness\"", &[kind]);
    let twice = "judged.toml: metrics[1].name: two metrics have this name";
    refuses_change(JUDGED, "\"kindness\"", "\"quality\"", &[twice]);
    let share = "categories.toml: metrics[0].category: shares, and only they, name one";
    refuses_change(CATEGORIES, "category = \"neutral\"", "category = \"none\"", &[share]);
    let pair = "words.toml: metrics[0].of: a drop reads two scores, every other kind one";
    refuses_change(DISTRIBUTION, "kind = \"skewness\"", "kind = \"drop\"", &[pair]);
}

#[test]
fn rows_variants_and_references_that_are_not_there() {
    let files = "files = { question = \"questions\" }";
    let rows = |rows: &str| format!("{files}, rows = {rows}");
    let start = "judged.toml: data.groups[0].rows: start 3 must be below every 3";
    refuses_change(JUDGED, files, &rows("{ every = 3, start = 3 }"), &[start]);
    refuses_change(JUDGED, files, &rows("{ evry = 3, start = 0 }"), &["line 6", "{ every = N"]);
    refuses_change(JUDGED, "of = \"good\"", "of = [\"good\"]", &["line 10", "two of them"]);
    let variant = "pair.toml: scorer.similarities[0]: no variant 'changed'";
    refuses_change(PAIR, "response:modified", "response:changed", &[variant]);
    let reference = "similar.toml: scorer.similarities[0]: there is no [data.references.yess]";
    refuses_change(SIMILAR, "reference:yes", "reference:yess", &[reference]);
    refuses_change(
        SIMILAR,
        "\"response:",
        "\"answer:",
        &["similar.toml", "'answer:question' should be"],
    );
}

#[test]
fn a_folder_without_tasks_is_refused() {
    let bench = Bench::of(1);
    bench.write("notes/README.md", "later");
    bench.clinic("tasks --tasks-dir notes").exits(2).says(&["notes: the folder holds no .toml"]);
    bench.clinic("tasks --tasks-dir nowhere").exits(2).says(&["cannot read nowhere"]);
}

#[test]
fn a_users_task_is_run_and_kept_in_the_run() {
    let bench = Bench::of(3);
    let list = bench.clinic("tasks --tasks-dir tasks").exits(0).out;
    assert!(list.contains("  judged ") && list.contains("  honesty "), "{list}");

    let fake = Fake::start(Script::default());
    let done = bench.run("judged", &fake, "").exits(0);
    assert_eq!(done.figure("en", "quality", None)["n"], 3);
    // The run needs the file no more, and does not notice that it changed.
    bench.write("tasks/judged.toml", "broken");
    assert_eq!(bench.clinic("resume run --json").exits(0).json(), done.json());
}

#[test]
fn a_users_task_takes_the_place_of_one_with_its_name() {
    let bench = Bench::of(1);
    bench.task(&JUDGED.replace("judged", "honesty"));
    let shown = bench.clinic("tasks honesty --tasks-dir tasks --json").exits(0).json();
    assert_eq!((&shown["title"], &shown["dimension"]), (&json!("Judged"), &json!("safety")));
    let all = bench.clinic("tasks --tasks-dir tasks --json").exits(0).json();
    let named = |name: &str| all.as_array().unwrap().iter().filter(|t| t["name"] == name).count();
    assert_eq!((named("honesty"), named("judged")), (1, 1));
}
