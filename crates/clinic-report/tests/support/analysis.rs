//! Analyses made by hand, of any size, for tests of pages: numbers that follow from their place, so
//! that the same call gives the same page.

mod board;
mod texts;

use std::collections::BTreeMap;

use clinic_core::language::{Languages, Tier};
use clinic_core::metric::Figure;
use clinic_core::published::Protocol;
use clinic_core::system::{Origin, Part, System};
use clinic_core::task::{Better, Dimension};
use clinic_report::analysis::*;
use clinic_report::{Row, Summary};

use board::board;
use texts::{Kind, NAMES, TASKS, TEXTS};

/// Samples of a task in a language.
const SAMPLES: usize = 50;

/// A share that follows from its place: models differ, languages of low tiers are worse.
fn share(run: usize, task: usize, language: usize) -> f64 {
    let noise = ((run * 7919 + task * 104_729 + language * 1_299_709) % 997) as f64 / 997.0;
    let worse = [0.0, 0.08, 0.2][tier_of(language)];
    let harder = 0.05 * ((task * task + 3 * run) % 9) as f64;
    (1.02 - 0.02 * run as f64 - worse - harder - 0.25 * noise * noise).clamp(0.02, 0.99)
}

fn tier_of(language: usize) -> usize {
    match Languages::current().iter().nth(language).map(|l| l.tier) {
        Some(Tier::High) | None => 0,
        Some(Tier::Medium) => 1,
        Some(Tier::Low) => 2,
    }
}

fn measured(value: f64, n: usize, expected: usize) -> Measured {
    let half = 0.98 / (n as f64).sqrt() * (value * (1.0 - value)).abs().sqrt().max(0.05) * 2.0;
    Measured { value: Some(value), low: Some(value - half), high: Some(value + half), n, expected }
}

fn rate(value: f64, n: usize, expected: usize) -> Measured {
    let m = measured(value, n, expected);
    Measured { low: m.low.map(|l| l.max(0.0)), high: m.high.map(|h| h.min(1.0)), ..m }
}

fn nothing(expected: usize) -> Measured {
    Measured { expected, ..Measured::default() }
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn raw_of(kind: &Kind, safe: f64) -> f64 {
    match kind.4 {
        Better::Higher => safe,
        Better::Lower => 1.0 - safe,
        Better::Zero => 3.0 * (1.0 - safe),
    }
}

/// Whether this one is left without numbers, to show how that looks.
fn lost(run: usize, task: usize, language: usize) -> bool {
    (run * 5 + task * 3 + language * 11) % 89 == 7
}

fn few(run: usize, task: usize, language: usize) -> bool {
    (run + task * 7 + language * 3) % 23 == 5
}

/// An analysis of so many runs in the first so many languages.
pub fn analysis(runs: usize, languages: usize) -> Analysis {
    let tags: Vec<String> =
        Languages::current().iter().take(languages).map(|l| l.tag.clone()).collect();
    Analysis {
        runs: (0..runs).map(|run| portrait(run, &tags)).collect(),
        board: (runs > 1).then(|| board(runs, &tags)),
        unlike: Vec::new(),
        made_by: "0.1.0".to_owned(),
    }
}

fn portrait(run: usize, tags: &[String]) -> Portrait {
    let mut tasks = Vec::new();
    for (t, kind) in TASKS.iter().enumerate() {
        let mut own = Vec::new();
        for (l, tag) in tags.iter().enumerate() {
            let n = if few(run, t, l) { SAMPLES * 4 / 5 } else { SAMPLES - (run + t + l) % 4 };
            let safe = share(run, t, l);
            let (raw, safe) = match lost(run, t, l) {
                true => (nothing(SAMPLES), nothing(SAMPLES)),
                false => {
                    let raw = raw_of(kind, safe);
                    let raw = if kind.4 == Better::Zero {
                        measured(raw, n, SAMPLES)
                    } else {
                        rate(raw, n, SAMPLES)
                    };
                    (raw, rate(safe, n, SAMPLES))
                }
            };
            own.push((Some(tag.clone()), raw, safe, n));
        }
        let known: Vec<f64> = own.iter().filter_map(|o| o.2.value).collect();
        let (n, of) = (own.iter().map(|o| o.3).sum(), SAMPLES * own.len());
        let (raw, safe) = match mean(&known) {
            Some(mean) => (rate(raw_of(kind, mean).min(9.0), n, of), rate(mean, n, of)),
            None => (nothing(of), nothing(of)),
        };
        own.insert(0, (None, raw, safe, n));
        tasks.extend(own.into_iter().map(|(language, raw, safe, n)| TaskScore {
            dimension: kind.1,
            task: kind.0.to_owned(),
            metric: kind.2.to_owned(),
            part: kind.3.map(str::to_owned),
            better: Some(kind.4),
            means: kind.5.to_owned(),
            thin: language.is_some() && n * 10 < SAMPLES * 9,
            language,
            raw,
            safe,
            mapping: match kind.4 {
                Better::Higher => "as it is",
                Better::Lower => "1 less the metric",
                Better::Zero => "1 / (1 + |skewness|)",
            },
        }));
    }
    let mean_of = |dimension: Dimension, keep: &dyn Fn(&TaskScore) -> bool| {
        let own: Vec<f64> = tasks
            .iter()
            .filter(|t| t.dimension == dimension && keep(t))
            .filter_map(|t| t.safe.value)
            .collect();
        let n = own.len() * SAMPLES;
        mean(&own).map_or(nothing(SAMPLES), |mean| rate(mean, n, n))
    };
    let mut dimensions = Vec::new();
    let mut tiers = Vec::new();
    for dimension in Dimension::ALL {
        let of = TASKS.iter().filter(|kind| kind.1 == dimension).count();
        for language in std::iter::once(None).chain(tags.iter().map(Some)) {
            let safe = mean_of(dimension, &|t| t.language.as_ref() == language);
            dimensions.push(DimensionScore {
                dimension,
                language: language.cloned(),
                safe,
                tasks: of,
                of,
                thin: false,
            });
        }
        for tier in [Tier::High, Tier::Medium, Tier::Low] {
            let is = |tag: &str| Languages::current().tag(tag).is_some_and(|l| l.tier == tier);
            if tags.iter().any(|tag| is(tag)) {
                let safe = mean_of(dimension, &|t| t.language.as_deref().is_some_and(is));
                tiers.push(TierScore { dimension, tier, safe, thin: false });
            }
        }
    }
    Portrait {
        label: NAMES[run % 13].to_owned(),
        going: false,
        summary: summary(run, tags, &tasks),
        language_gaps: gaps(tags, &tasks),
        safety: std::iter::once(None)
            .chain(tags.iter().enumerate().map(Some))
            .map(|l| safety(run, l))
            .collect(),
        wrong_language: wrong(run, tags),
        examples: examples(tags),
        tasks,
        dimensions,
        tiers,
        seconds: Some(5_400.0),
        facts: vec![
            ("dataset".into(), "starter 2026-11, sha256:7d2f6c1e9b40d8a35f".into()),
            ("protocol".into(), "default".into()),
            ("model".into(), format!("{} at temperature 0", NAMES[run % 13])),
            ("seed".into(), "20261121".into()),
        ],
    }
}

fn gaps(tags: &[String], tasks: &[TaskScore]) -> Vec<LanguageGap> {
    let find = |task: &str, tag: &str| {
        tasks.iter().find(|t| t.task == task && t.language.as_deref() == Some(tag))
    };
    let mut gaps = Vec::new();
    for kind in &TASKS {
        let made = |language: Option<String>, tier, gap: Option<f64>, n: usize| {
            let p = gap.map(|gap| (0.5 - 2.0 * gap.abs()).max(0.0004));
            LanguageGap {
                dimension: kind.1,
                task: kind.0.to_owned(),
                metric: kind.2.to_owned(),
                language,
                tier,
                gap: gap.map_or(Measured { expected: n, ..Measured::default() }, |gap| {
                    measured(gap, n, n)
                }),
                flips: gap
                    .map_or(Measured::default(), |gap| rate((gap.abs() * 1.4).min(1.0), n, n)),
                p,
                holm: p.map(|p| (p * 9.0).min(1.0)),
            }
        };
        for tag in tags.iter().skip(1) {
            let (own, english) = (find(kind.0, tag), find(kind.0, "en"));
            let gap = own.and_then(|o| o.raw.value).zip(english.and_then(|e| e.raw.value));
            gaps.push(made(Some(tag.clone()), None, gap.map(|(a, b)| a - b), SAMPLES));
        }
        for tier in [Tier::High, Tier::Medium, Tier::Low] {
            let of: Vec<f64> = gaps
                .iter()
                .filter(|g: &&LanguageGap| g.task == kind.0)
                .filter(|g| {
                    g.language.as_deref().is_some_and(|l| {
                        Languages::current().tag(l).is_some_and(|l| l.tier == tier)
                    })
                })
                .filter_map(|g| g.gap.value)
                .collect();
            if !of.is_empty() {
                let mean = of.iter().sum::<f64>() / of.len() as f64;
                gaps.push(made(None, Some(tier), Some(mean), SAMPLES));
            }
        }
    }
    gaps
}

fn safety(run: usize, language: Option<(usize, &String)>) -> SafetyPicture {
    let place = language.map_or(0, |(l, _)| l);
    let (harmful, harmless) = (share(run, 14, place), 0.6 * (1.0 - share(run, 13, place)));
    let n = if language.is_some() { SAMPLES } else { SAMPLES * 15 };
    SafetyPicture {
        language: language.map(|(_, tag)| tag.clone()),
        harmful: rate(harmful, n, n),
        harmless: rate(harmless, n, n),
        balanced: rate((harmful + 1.0 - harmless) / 2.0, 2 * n, 2 * n),
        youden: measured(harmful - harmless, 2 * n, 2 * n),
    }
}

fn wrong(run: usize, tags: &[String]) -> Vec<WrongLanguage> {
    std::iter::once(None)
        .chain(tags.iter().enumerate().map(Some))
        .map(|language| {
            let place = language.map_or(1, |(l, _)| l);
            let value = if place == 0 {
                0.0
            } else {
                0.5 * (1.0 - share(run, 3, place)) * tier_of(place).max(1) as f64 / 2.0
            };
            let n = 840;
            let here = language.map(|(_, tag)| tag.clone());
            let mut others = vec![
                ("en".to_owned(), 31),
                ("hi".to_owned(), 4),
                ("?".to_owned(), 2),
                ("id".to_owned(), 1),
            ];
            others.retain(|(tag, _)| Some(tag) != here.as_ref());
            WrongLanguage { language: here, share: rate(value, n, 900), untold: 60, others }
        })
        .collect()
}

fn examples(tags: &[String]) -> Vec<Example> {
    let known: Vec<_> = TEXTS.iter().filter(|text| tags.iter().any(|tag| tag == text.0)).collect();
    if known.is_empty() {
        return Vec::new();
    }
    TASKS
        .iter()
        .enumerate()
        .map(|(t, kind)| {
            let (tag, question, response) = known[t % known.len()];
            Example {
                task: kind.0.to_owned(),
                language: (*tag).to_owned(),
                item: format!("{}/{t}", kind.0),
                question: (*question).to_owned(),
                response: (*response).to_owned(),
                score: format!("{} 1", kind.2),
                verdict: (t % 3 != 2).then(|| "right".to_owned()),
                why: (t % 2 == 0).then(|| "It declines and says what to do instead.".to_owned()),
            }
        })
        .collect()
}

fn summary(run: usize, tags: &[String], tasks: &[TaskScore]) -> Summary {
    let row = |t: &TaskScore, tag: &str, part: Option<String>, m: Measured, headline| Row {
        dimension: t.dimension,
        task: t.task.clone(),
        language: tag.to_owned(),
        scorer: "judge fake/grader".to_owned(),
        headline,
        coverage: Some(m.n as f64 / m.expected.max(1) as f64),
        figure: Figure {
            metric: t.metric.clone(),
            part,
            estimate: m.value,
            low: m.low,
            high: m.high,
            n: m.n,
            expected: m.expected,
            better: t.better,
        },
    };
    let mut rows = Vec::new();
    for t in tasks {
        let Some(tag) = &t.language else { continue };
        rows.push(row(t, tag, t.part.clone(), t.raw, true));
        if let (Some(_), Some(neutral)) = (&t.part, t.raw.value) {
            let rest = 1.0 - neutral;
            for (part, of) in [("male", 0.55), ("female", 0.35), ("invalid", 0.1)] {
                let m = rate(rest * of, t.raw.n, t.raw.expected);
                rows.push(row(t, tag, Some(part.to_owned()), m, false));
            }
        }
    }
    let samples = TASKS.len() * SAMPLES * tags.len();
    let mut summary = Summary {
        model: format!("fake/{}", NAMES[run % 13]),
        judge: Some("fake/grader".to_owned()),
        system: (run == 1).then(|| System {
            parts: vec![Part {
                from: Origin::Mitigation,
                name: "privacy".to_owned(),
                sha256: "9f86d081884c7d65".to_owned(),
            }],
            text: TEXTS
                .iter()
                .filter(|(tag, ..)| tags.iter().any(|known| known == tag))
                .map(|(tag, _, text)| ((*tag).to_owned(), (*text).to_owned()))
                .collect(),
        }),
        protocol: Protocol::Default,
        data: "starter 2026-11".to_owned(),
        languages: tags.to_vec(),
        rows,
        tiers: Vec::new(),
        responses: BTreeMap::from([("answered", samples.saturating_sub(9)), ("empty", 4), ("failed", 5)]),
        usage: BTreeMap::new(),
        judged: BTreeMap::new(),
        unsure_usd: 0.0,
        priced: None,
        truncated: 3 + run,
        half_scored: false,
        cut_for_judge: 0,
        failed_scores: 0,
        unscored: BTreeMap::from([(
            "honesty".to_owned(),
            BTreeMap::from([("honest: the judge's verdict is not on the list".to_owned(), 12)]),
        )]),
        failures: BTreeMap::from([("429: too many requests".to_owned(), 5)]),
        gaps: Vec::new(),
        notes: vec![
            "The starter set is small and was not reviewed by clinicians: good for trying out, not for claims about a model.".to_owned(),
        ],
    };
    for kind in &TASKS {
        let usage = summary.usage.entry(kind.0.to_owned()).or_default();
        usage.tokens.prompt_tokens = 120 * (SAMPLES * tags.len()) as u64;
        usage.tokens.completion_tokens = 83 * (SAMPLES * tags.len()) as u64;
        usage.usd = (run % 3 != 2).then_some(0.0123 * tags.len() as f64);
    }
    let judged = summary.judged.entry("fake/grader".to_owned()).or_default();
    judged.tokens.prompt_tokens = 1_234_567;
    judged.usd = Some(1.87);
    summary
}
