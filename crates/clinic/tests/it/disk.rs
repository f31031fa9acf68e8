//! Disks that are full and folders that are read-only: what came before is kept, the cause is told,
//! and the run goes on when there is space.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use clinic_fake::{Action, Fake, Script};

use crate::support::{Bench, Outcome, Sick, can_mount, is_for, prompts};

const SAMPLES: usize = 200;
const CONNECTIONS: usize = 4;

const MOUNT: &str = "mount -t tmpfs -o size=16m none disk";
const FREE: &str = "rm disk/filler";

/// Leaves this many blocks of the disk free.
fn fill(blocks: usize) -> String {
    let free = format!("($(stat -f -c %a disk) - {blocks}) * $(stat -f -c %S disk)");
    format!("head -c $(({free})) /dev/zero > disk/filler")
}

/// What makes a disk of which this many blocks are free, the command on it, and what frees the rest;
/// without mounts the command with files up to `limit` blocks of 512 bytes.
fn short(blocks: usize, limit: usize, command: &str) -> [String; 4] {
    match can_mount() {
        true => [MOUNT.to_owned(), fill(blocks), command.to_owned(), FREE.to_owned()],
        false => ["true".to_owned(), "true".to_owned(), limited(limit, command), "true".to_owned()],
    }
}

/// The command without leave to write files beyond this many blocks of 512 bytes.
fn limited(blocks: usize, command: &str) -> String {
    format!("trap '' XFSZ; ulimit -f {blocks}; exec {command}")
}

/// A command in this bench's folder, on its small disk.
fn on_disk(command: &str, fake: &Fake, more: &str) -> String {
    let more = format!("--max-connections {CONNECTIONS} {more}");
    let line = Bench::line(command, "judged", fake, &more);
    format!("clinic {}", line.replace("--out run", "--out disk/run"))
}

fn shell<const N: usize>(bench: &Bench, commands: [&str; N]) -> [Outcome; N] {
    fs::create_dir(bench.path("disk")).unwrap();
    bench.shell(&commands.map(str::to_owned)).try_into().unwrap()
}

/// How many requests a model got.
fn asked(fake: &Fake, model: &str) -> usize {
    fake.requests().iter().filter(|seen| is_for(seen, model)).count()
}

/// Puts the copy of the run that was made later in the place of the first.
fn later(bench: &Bench) {
    fs::remove_dir_all(bench.path("run")).unwrap();
    fs::rename(bench.path("later"), bench.path("run")).unwrap();
}

/// Generates where only some of the answers fit, and resumes where all do.
#[track_caller]
fn fills_up(limit: Option<usize>, before: &str, after: &str, words: &[&str]) {
    let fake = Fake::start(Script::always(Action::Text("word ".repeat(600))));
    let bench = Bench::of(SAMPLES);
    let generate = on_disk("generate", &fake, "");
    let generate = limit.map_or(generate.clone(), |blocks| limited(blocks, &generate));
    let resume = format!("clinic resume disk/run --max-connections {CONNECTIONS}");
    let [made, full, copied, freed, done, again] = shell(
        &bench,
        [before, &generate, "cp -r disk/run run", after, &resume, "cp -r disk/run later"],
    );
    for done in [made, copied, freed, done, again] {
        done.exits(0);
    }
    full.exits(1).says(&["run.sqlite: "]).says(words).says(&["clinic resume disk/run"]);

    let kept = "SELECT prompt FROM responses WHERE state = 'answered'";
    let kept: BTreeSet<String> = bench.column(kept).into_iter().collect();
    assert!(!kept.is_empty() && kept.len() < SAMPLES, "{} were kept", kept.len());
    assert_eq!(bench.column("SELECT id || '' FROM responses WHERE state = 'failed'").len(), 0);
    later(&bench);
    assert_eq!(bench.states(), vec!["answered"; SAMPLES]);
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for prompt in prompts(&fake, 0) {
        *times.entry(prompt).or_default() += 1;
    }
    assert_eq!(times.len(), SAMPLES);
    times.retain(|_, n| *n > 1);
    assert!(times.len() <= 2 * CONNECTIONS, "{} were asked twice", times.len());
    assert!(times.keys().all(|prompt| !kept.contains(prompt)), "none that was kept");
}

#[test]
fn a_full_disk_keeps_what_came_and_resume_finishes_with_space() {
    if can_mount() {
        fills_up(None, &format!("{MOUNT} && {}", fill(256)), FREE, &["disk is full"]);
    } else {
        a_file_that_may_not_grow_is_like_a_full_disk();
    }
}

#[test]
fn a_file_that_may_not_grow_is_like_a_full_disk() {
    fills_up(Some(600), "true", "true", &["cannot be written"]);
}

#[test]
fn a_disk_without_space_for_a_run_takes_one_when_it_has_it() {
    finds_no_space(16);
}

#[test]
fn a_disk_without_space_for_the_least_file_is_named_as_the_cause() {
    finds_no_space(4);
}

#[track_caller]
fn finds_no_space(blocks: usize) {
    let (fake, bench) = (Fake::start(Script::default()), Bench::of(SAMPLES));
    let generate = on_disk("generate", &fake, "");
    let [mount, fill, first, free] = &short(blocks, 2 * blocks, &generate);
    let [mounted, filled, full, listed, freed, done, copied] =
        shell(&bench, [mount, fill, first, "ls disk/run", free, &generate, "cp -r disk/run run"]);
    for done in [mounted, filled, freed, done, copied] {
        done.exits(0);
    }
    let full = full.exits(1).says(&["run.sqlite: "]);
    assert!(["is full", "cannot be written"].iter().any(|why| full.err.contains(why)), "{full:?}");
    assert!(!listed.out.contains("run.toml"), "what is not whole is no run: {}", listed.out);
    assert_eq!((bench.states(), fake.count()), (vec!["answered".to_owned(); SAMPLES], SAMPLES));
}

#[test]
fn a_disk_that_fills_up_while_judging_keeps_what_the_judge_said() {
    let (fake, bench) = (Fake::start(Script::default()), Bench::of(SAMPLES));
    let judge = format!("--judge openai/judge --judge-base-url {}", fake.base_url());
    let score = format!("clinic score disk/run --max-connections {CONNECTIONS} {judge}");
    let generate = on_disk("generate", &fake, "");
    let [mount, fill, first, free] = &short(60, 600, &score);
    let report = "clinic report disk/run --json";
    let [mounted, generated, filled, full, copied, freed, done, again, told] = shell(
        &bench,
        [
            mount,
            &generate,
            fill,
            first,
            "cp -r disk/run run",
            free,
            &score,
            "cp -r disk/run later",
            report,
        ],
    );
    for done in [mounted, generated, filled, copied, freed, done, again] {
        done.exits(0);
    }
    full.exits(1).says(&["run.sqlite: ", "disk"]);
    let kept = bench.column("SELECT key FROM calls").len();
    assert!(kept > 0 && kept < 2 * SAMPLES, "{kept} were kept");
    later(&bench);
    assert_eq!(told.exits(0).figure("en", "quality", None)["coverage"], 1.0);
    assert_eq!(asked(&fake, "m"), SAMPLES);
    let asked = asked(&fake, "judge");
    assert!(asked <= 2 * SAMPLES + 2 * CONNECTIONS, "{asked} were asked");
    assert_eq!(bench.column("SELECT key FROM calls").len(), 2 * SAMPLES);
}

#[test]
fn an_export_that_does_not_fit_is_told_and_made_whole_later() {
    let fake = Fake::start(Script::always(Action::Text("word ".repeat(600))));
    let bench = Bench::of(SAMPLES);
    bench.generate(&fake, "").exits(0);
    let export = "clinic export run --format csv --out disk/exports";
    let [mount, fill, first, free] = &short(20, 200, export);
    let copy = "cp -r disk/exports exports";
    let [mounted, filled, full, listed, freed, done, copied] =
        shell(&bench, [mount, fill, first, "ls disk/exports", free, export, copy]);
    let why = if can_mount() { "No space left on device" } else { "File too large" };
    full.exits(1).says(&[why]);
    assert!(!listed.out.lines().any(|file| file == "responses.csv"), "{}", listed.out);
    for done in [mounted, filled, freed, done, copied] {
        done.exits(0);
    }
    bench.clinic("export run --format csv --out elsewhere").exits(0);
    for file in ["responses.csv", "scores.csv", "metrics.csv"] {
        let read = |folder| bench.read(&format!("{folder}/{file}"));
        assert_eq!(read("exports"), read("elsewhere"), "{file}");
    }
}

#[test]
fn a_cache_without_space_costs_no_answer() {
    let fake = Fake::start(Script::always(Action::Text("word ".repeat(600))));
    let bench = Bench::of(SAMPLES);
    let line = Bench::line("generate", "judged", &fake, "--max-connections 20 --cache disk/cache");
    let generate = format!("clinic {line}");
    let [mount, fill, first, free] = &short(60, 200, &generate);
    let copy = "cp -r run kept";
    let resume = "clinic resume run --cache disk/cache";
    let [mounted, filled, full, copied, freed, done] =
        shell(&bench, [mount, fill, first, copy, free, resume]);
    for done in [mounted, filled, copied, freed, done] {
        done.exits(0);
    }
    assert_ne!(full.code, None);
    assert_eq!(bench.states(), vec!["answered"; SAMPLES]);
    assert_eq!(fake.count(), SAMPLES, "{} were paid for twice", fake.count() - SAMPLES);
}

/// Runs commands on the folder `disk` while nothing can be written to it.
fn read_only<const N: usize>(bench: &Bench, commands: [&str; N]) -> [Outcome; N] {
    let mut all = vec!["mount --bind disk disk && mount -o remount,ro,bind disk".to_owned()];
    if !can_mount() {
        // Root is not bound by this, and where root cannot mount either the commands will not fail.
        all = vec!["chmod -R a-w disk".to_owned()];
    }
    all.extend(commands.map(str::to_owned));
    all.push("umount disk || chmod -R u+w disk".to_owned());
    let mut done = bench.shell(&all);
    let ends = [done.remove(0), done.pop().unwrap()];
    for end in ends {
        end.exits(0);
    }
    done.try_into().unwrap()
}

#[test]
fn a_read_only_folder_is_refused_before_anyone_is_asked() {
    let (fake, bench) = (Fake::start(Script::default()), Bench::of(5));
    fs::create_dir(bench.path("disk")).unwrap();
    let words = if can_mount() { "Read-only file system" } else { "Permission denied" };

    let [refused] = read_only(&bench, [&on_disk("generate", &fake, "")]);
    refused.exits(1).says(&["disk/run: ", words]);
    assert_eq!(fake.count(), 0);

    let sick = Sick::new(Action::status(400, &[], "no"), |seen| seen.prompt().ends_with("ask 1"));
    let [begun] = bench.shell(&[on_disk("generate", &sick.fake, "")]).try_into().unwrap();
    begun.exits(3);
    let before = sick.heal();
    let judge = format!("--judge openai/judge --judge-base-url {}", sick.fake.base_url());
    let score = format!("clinic score disk/run {judge}");
    for refused in read_only(&bench, ["clinic resume disk/run", &score]) {
        refused.exits(1).says(&["disk/run/", words]);
    }
    assert_eq!(sick.fake.count(), before, "nothing is asked that cannot be kept");
    let [done] = bench.shell(&["clinic resume disk/run".to_owned()]).try_into().unwrap();
    done.exits(0);
    assert_eq!(sick.fake.count(), before + 1);
}

#[test]
fn a_run_in_a_read_only_folder_can_be_read() {
    let (fake, bench) = (Fake::start(Script::default()), Bench::of(5));
    fs::create_dir(bench.path("disk")).unwrap();
    let [done] = bench.shell(&[on_disk("generate", &fake, "")]).try_into().unwrap();
    done.exits(0);
    let commands = ["clinic report disk/run", "clinic export disk/run --format csv --out exports"];
    let [report, export] = read_only(&bench, commands);
    report.exits(0).says(&["no page: disk/run/report.html cannot be written; name another --out"]);
    export.exits(0);
    assert!(bench.read("exports/responses.csv").len() > 5);
}
