//! Processes killed at fifty random moments: while they plan, ask, judge and store.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use clinic_fake::{Fake, Script};
use serde_json::Value;

use crate::support::{Bench, Outcome};

const KILLS: usize = 50;
const SAMPLES: usize = 60;
const CONNECTIONS: usize = 4;
/// What a kill may lose: requests to model and judge that are in flight, and as many whose answers are
/// on their way to the disk.
const LOST: usize = 2 * 2 * CONNECTIONS;

/// Numbers that scatter evenly and are the same in every run of the test (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// All that a finished run says of itself.
fn results(bench: &Bench) -> Vec<Vec<u8>> {
    for format in ["csv", "jsonl"] {
        bench.clinic(&format!("export run --format {format} --out all")).exits(0);
    }
    let files = ["responses.csv", "scores.csv", "metrics.csv", "samples.jsonl"];
    let mut all: Vec<Vec<u8>> = files.map(|file| bench.read(&format!("all/{file}"))).into();
    all.push(bench.clinic("report run --json").exits(0).out.into_bytes());
    all
}

/// The messages of what has its answer in the store, read from a copy, so that the next process finds
/// the files as the killed one left them.
fn stored(bench: &Bench) -> BTreeSet<String> {
    if !bench.path("run/run.toml").exists() {
        return BTreeSet::new();
    }
    fs::create_dir_all(bench.path("copy")).unwrap();
    for file in ["run.sqlite", "run.sqlite-wal"] {
        let copy = bench.path(&format!("copy/{file}"));
        let _ = fs::remove_file(&copy);
        if bench.path(&format!("run/{file}")).exists() {
            fs::copy(bench.path(&format!("run/{file}")), copy).unwrap();
        }
    }
    let db = rusqlite::Connection::open(bench.path("copy/run.sqlite")).unwrap();
    let column = |query: &str| -> Vec<String> {
        let mut query = db.prepare(query).unwrap();
        query.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    let asked = |prompt: String| serde_json::json!([{"role": "user", "content": prompt}]);
    let answers = column("SELECT prompt FROM responses WHERE state != 'pending'");
    let verdicts = column("SELECT request FROM calls").into_iter().map(|request| {
        let request: Value = serde_json::from_str(&request).unwrap();
        request["prompt"]["chat"].clone()
    });
    answers.into_iter().map(asked).chain(verdicts).map(|messages| messages.to_string()).collect()
}

/// The messages of each request after the first `skip`.
fn asked(fake: &Fake, skip: usize) -> Vec<String> {
    fake.requests()[skip..].iter().map(|seen| seen.body["messages"].to_string()).collect()
}

#[test]
fn fifty_kills_at_random_moments_change_no_byte() {
    let fake = Fake::start(Script::default().latency(Duration::from_millis(10)));
    let pace = format!("--max-connections {CONNECTIONS}");
    let judge = format!("{pace} --judge openai/judge --judge-base-url {}", fake.base_url());
    let line = Bench::line("run", "judged", &fake, &judge);
    let whole = Bench::of(SAMPLES);
    whole.clinic(&line).exits(0);
    let expected = results(&whole);
    assert_eq!(fake.count(), 3 * SAMPLES, "an answer and two verdicts each");

    let (mut random, mut kills, mut begun) = (Random(7), 0, 0);
    while kills < KILLS {
        let bench = Bench::of(SAMPLES);
        let (first, killed_before) = (fake.count(), kills);
        begun += 1;
        let done: Outcome = loop {
            let (kept, before) = (stored(&bench), fake.count());
            let made = bench.path("run/run.toml").exists();
            let resume = format!("resume run {pace}");
            let run = bench.start(if made { &resume } else { &line });
            let ended = if kills == KILLS {
                Some(run.end())
            } else {
                std::thread::sleep(Duration::from_micros(random.below(150_000)));
                run.kill_if_alive()
            };
            let (asked, kept_now) = (asked(&fake, before), stored(&bench));
            let twice = asked.iter().find(|messages| kept.contains(*messages));
            assert_eq!(twice, None, "after {kills} kills, although it was kept");
            // Some of the process before may have come late.
            let lost = asked.iter().filter(|messages| !kept_now.contains(*messages)).count();
            assert!(lost <= LOST, "{lost} were lost by kill {kills}");
            match ended {
                Some(done) => break done,
                None => kills += 1,
            }
        };
        done.exits(0);
        assert_eq!(results(&bench), expected, "run {begun}, killed up to {kills}");
        let distinct: BTreeSet<String> = asked(&fake, first).into_iter().collect();
        assert_eq!(distinct, stored(&bench));
        let further = fake.count() - first - distinct.len();
        assert!(further <= LOST * (kills - killed_before), "{further} were asked again");
    }
}
