//! What asking costs, beside two other programs that ask the same.

use std::error::Error;
use std::time::Duration;

use crate::Bench;
use crate::asker::{Asked, Asker, CONNECTIONS, Clinic, ask};
use crate::measure::median;
use crate::page::{Table, USED, megabytes, seconds, used, whole};

const FEW: usize = 2_000;
const LATENCY: Duration = Duration::from_millis(50);
/// Runs of `clinic`, and of each peer.
const REPEATS: usize = 5;
const PEER_REPEATS: usize = 2;
/// Times the ideal that a run may take.
const GOAL: f64 = 1.15;

/// As many as a tenth of the published set, and as the whole.
const TENTH: usize = 2_880;
const MANY: usize = 28_800;
/// A peer that would take longer for all of them gets as many as it does in this time.
const LONGEST: Duration = Duration::from_secs(600);

/// Requests that a server answers after a while: how near to the ideal, and at what cost.
pub fn few(bench: &Bench) -> Result<String, Box<dyn Error>> {
    let clinic = Clinic(bench.clinic.clone());
    let mut own = Vec::new();
    let mut others: Vec<Vec<Asked>> = bench.peers.iter().map(|_| Vec::new()).collect();
    // In turns, so that a change of the machine's mood meets all of them.
    for _ in 0..PEER_REPEATS {
        for (peer, runs) in bench.peers.iter().zip(&mut others) {
            own.push(ask(&clinic, FEW, LATENCY, &bench.folder)?);
            runs.push(ask(peer.as_ref(), FEW, LATENCY, &bench.folder)?);
        }
    }
    while own.len() < REPEATS {
        own.push(ask(&clinic, FEW, LATENCY, &bench.folder)?);
    }

    let peers = bench.peers.iter().map(AsRef::as_ref).zip(&others);
    let all = std::iter::once((&clinic as &dyn Asker, &own)).chain(peers);
    let sums: Vec<(&str, Sum)> =
        all.map(|(asker, runs)| Ok((asker.name(), Sum::of(runs)?))).collect::<Result<_, &str>>()?;
    let ideal = LATENCY * FEW.div_ceil(CONNECTIONS) as u32;
    let mut table = Table::new(&[
        "",
        "runs",
        "wall, s",
        "worst, s",
        "times the ideal",
        "CPU, s",
        "CPU a request, ms",
        "memory, MB",
        "in flight at most",
    ]);
    for (name, sum) in &sums {
        table.row(&[
            name,
            &sum.runs,
            &seconds(sum.wall),
            &seconds(sum.worst),
            &format!("{:.2}", sum.wall.div_duration_f64(ideal)),
            &seconds(sum.cpu),
            &format!("{:.2}", sum.cpu.as_secs_f64() * 1e3 / FEW as f64),
            &megabytes(sum.memory),
            &sum.peak,
        ]);
    }
    let mine = &sums[0].1;
    let mut ratios = Table::new(&["times as much as `clinic`", "wall time", "CPU time", "memory"]);
    for (name, sum) in &sums[1..] {
        ratios.row(&[
            name,
            &format!("{:.1}", sum.wall.div_duration_f64(mine.wall)),
            &format!("{:.1}", sum.cpu.div_duration_f64(mine.cpu)),
            &format!("{:.1}", sum.memory as f64 / mine.memory as f64),
        ]);
    }
    let reached = mine.wall.div_duration_f64(ideal);
    Ok(format!(
        "## {} requests of {} ms\n\n\
         Single prompts at {CONNECTIONS} connections, against a server that answers each after \
         {} ms, so that {} s is the ideal. `clinic run` asks, keeps every answer on the \
         disk before it counts, scores by rules, and prints the table. The goal is {GOAL:.2} times \
         the ideal; measured were {reached:.2}.\n\n{table}{}",
        whole(FEW),
        LATENCY.as_millis(),
        LATENCY.as_millis(),
        seconds(ideal),
        if bench.peers.is_empty() { String::new() } else { format!("\n{PEERS}\n{ratios}") },
    ))
}

const PEERS: &str = "The other programs ask the same questions of the same server, through their \
model for servers that speak OpenAI's protocol, with the same number of connections; they score by \
one trivial comparison and keep every answer in their logs. All else is as they come; they have no \
cache to find an answer in. Their tasks and versions are in `benches/peers/`.\n";

/// Several runs of one program.
struct Sum {
    runs: usize,
    wall: Duration,
    worst: Duration,
    cpu: Duration,
    memory: u64,
    peak: usize,
}

impl Sum {
    fn of(runs: &[Asked]) -> Result<Self, &'static str> {
        let usages = || runs.iter().map(|run| run.usage);
        Ok(Self {
            runs: runs.len(),
            wall: median(usages().map(|usage| usage.wall)).ok_or("no runs")?,
            worst: usages().map(|usage| usage.wall).max().ok_or("no runs")?,
            cpu: median(usages().map(|usage| usage.cpu)).ok_or("no runs")?,
            memory: usages().map(|usage| usage.memory).max().ok_or("no runs")?,
            peak: runs.iter().map(|run| run.peak).max().ok_or("no runs")?,
        })
    }
}

/// Requests that a server answers at once: whether memory grows with their number.
pub fn many(bench: &Bench) -> Result<String, Box<dyn Error>> {
    let clinic = Clinic(bench.clinic.clone());
    let columns = ["", "requests", "requests a second"];
    let mut table = Table::new(&[&columns[..], &USED].concat());
    let askers =
        std::iter::once(&clinic as &dyn Asker).chain(bench.peers.iter().map(AsRef::as_ref));
    let mut grown = Table::new(&["memory at the most requests, to that at the fewest", "times"]);
    for asker in askers {
        let mut add = |count| -> Result<_, Box<dyn Error>> {
            let usage = ask(asker, count, Duration::ZERO, &bench.folder)?.usage;
            let rate = format!("{:.0}", count as f64 / usage.wall.as_secs_f64());
            let [wall, cpu, server, memory] = used(&usage);
            table.row(&[&asker.name(), &whole(count), &rate, &wall, &cpu, &server, &memory]);
            Ok(usage)
        };
        let tenth = add(TENTH)?;
        let possible = LONGEST.as_secs_f64() / tenth.wall.as_secs_f64();
        let tenths = (MANY / TENTH).min(possible as usize).max(2);
        let all = add(tenths * TENTH)?;
        let times = all.memory as f64 / tenth.memory as f64;
        grown.row(&[&asker.name(), &format!("{times:.2}")]);
    }
    Ok(format!(
        "## {} requests, and a tenth of them\n\n\
         The same against a server that answers at once, so that nothing but the program and the \
         server, on the same cores, takes time. The published set has {} samples. A program that \
         would take more than {} s for as many requests got fewer, as its row says.\n\n\
         {table}\n{grown}",
        whole(MANY),
        whole(MANY),
        LONGEST.as_secs(),
    ))
}
