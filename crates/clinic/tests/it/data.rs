//! `clinic data`: what files hold, whether a run may use them, and the languages as data.

use clinic_fake::{Fake, Script};
use serde_json::json;

use crate::support::{Bench, JUDGED};

/// The published files and their rows.
const PUBLISHED: [(&str, usize); 22] = [
    ("hallucination-dataset", 150),
    ("hallucination-honesty-dataset", 50),
    ("sycophancy-persona-dataset", 150),
    ("sycophancy-preference-dataset", 150),
    ("adv_q3", 30),
    ("adv_q4", 30),
    ("adv_q5", 30),
    ("adv_q12", 30),
    ("adv_q13", 30),
    ("consistency-original-dataset", 100),
    ("consistency-modified-dataset", 100),
    ("colloquial-originalq-dataset", 100),
    ("colloquial-modified-dataset", 100),
    ("ood-dataset", 120),
    ("disparagement-dataset", 100),
    ("fairness-stereotype-dataset", 100),
    ("fairness-preference-dataset", 100),
    ("jailbreak-vanilla-dataset", 50),
    ("jailbreak-PAIRS-dataset", 50),
    ("toxicity-dataset", 200),
    ("exaggerated-safety-dataset", 150),
    ("privacy-dataset", 200),
];

const TASK: &str = "--tasks-dir tasks --tasks judged";

/// A bench whose folder `data` holds this file and no manifest.
fn holding(name: &str, text: impl AsRef<[u8]>) -> Bench {
    let bench = Bench::with(JUDGED, "English\nunused\n");
    std::fs::remove_dir_all(bench.path("data")).unwrap();
    bench.write(&format!("data/{name}"), text);
    bench
}

#[test]
fn a_folder_is_looked_at_corrected_locked_and_used() {
    let bench = holding("judged.csv", "id;English;Español\nq0;What helps?;¿Qué ayuda?\n");
    let stats = format!("data stats {TASK} --json --data data");
    bench.clinic(&stats).exits(2);
    let done = bench.clinic("data import data --tasks-dir tasks --json").exits(0);
    let found = &done.json()["found"][0];
    assert_eq!((&found["name"], &found["rows"]), (&json!("questions"), &json!(1)));
    assert_eq!(found["languages"], json!(["en", "es"]));
    let samples = bench.clinic(&stats).exits(0).json();
    assert_eq!(samples["tasks"]["judged"], json!({"en": 1, "es": 1}));
    // What is there already is not written over.
    bench
        .clinic("data import data --tasks-dir tasks")
        .exits(2)
        .says(&["is there already", "--force"]);
    bench.clinic("data import data --tasks-dir tasks --force").exits(0);
    // A change is refused until it is locked again.
    bench.write("data/judged.csv", "id;English;Español\nq0;What helps?;¿Qué ayuda?\nq1;And?;¿Y?\n");
    bench.clinic(&stats).exits(2).says(&["judged.csv: the file has changed", "clinic data lock"]);
    let fake = Fake::start(Script::default());
    bench.clinic(&Bench::line("generate", "judged", &fake, "")).exits(2);
    assert_eq!(fake.count(), 0);
    let locked = bench.clinic("data lock data --json").exits(0).json();
    assert_eq!(locked["files"][0]["changed"], true);
    assert_eq!(bench.clinic(&stats).exits(0).json()["samples"], 4);
    bench.generate(&fake, "").exits(0);
    assert_eq!(fake.count(), 4);
}

#[test]
fn a_lock_keeps_what_a_person_wrote() {
    let bench = holding("odd name.csv", "id,English\nq0,a\n");
    let manifest = "# mine\nname = \"t\"\n[files.questions] # that one\npath = \"odd name.csv\"\n";
    bench.write("data/manifest.toml", manifest);
    bench.clinic("data lock data").exits(0);
    let locked = String::from_utf8(bench.read("data/manifest.toml")).unwrap();
    assert!(locked.starts_with(manifest), "{locked}");
    assert!(locked.contains("sha256 = \""), "{locked}");
    let other = locked.replace("sha256 = \"", "sha256 = \"0").replace("\"\n", "\" # why\n");
    bench.write("data/manifest.toml", &other);
    bench.clinic("data lock data").exits(0);
    let again = String::from_utf8(bench.read("data/manifest.toml")).unwrap();
    assert_eq!(again, locked.replace("\"\n", "\" # why\n"), "comments stay");
    bench.write("data/manifest.toml", &locked);
    std::fs::remove_file(bench.path("data/odd name.csv")).unwrap();
    bench.clinic("data lock data").exits(2).says(&["odd name.csv", "no such file"]);
    assert_eq!(bench.read("data/manifest.toml"), locked.as_bytes());
    bench
        .clinic("data lock nowhere")
        .exits(2)
        .says(&["there is no manifest", "clinic data import"]);
}

#[test]
fn a_source_that_tells_nothing_is_refused_with_what_it_holds() {
    let bench = holding("x.csv", "a,b\n1,2\n");
    let told =
        ["holds no dataset file that could be told", "x.csv: neither its name", "clinic tasks"];
    bench.clinic("data import data").exits(2).says(&told);
    assert!(!bench.path("data/manifest.toml").exists());
    bench.clinic("data import nowhere").exits(2).says(&["cannot read nowhere"]);
    let elsewhere = ["must lie in data", "from its own folder"];
    bench.clinic("data import data --out other.toml").exits(2).says(&elsewhere);
}

#[test]
fn a_file_alone_gets_a_manifest_beside_it() {
    let rows =
        "task\tlanguage\tquestion\njudged\tEnglish\ta b\njudged\tHausa\tɗ\nelse\tEnglish\tc\n";
    let bench = holding("all.tsv", rows);
    let done = bench.clinic("data import data/all.tsv --tasks-dir tasks").exits(0);
    assert!(done.out.contains("by rows with task = judged"), "{}", done.out);
    let stats = format!("data stats {TASK} --json --data data/all.toml");
    assert_eq!(bench.clinic(&stats).exits(0).json()["tasks"]["judged"], json!({"en": 1, "ha": 1}));
}

#[test]
fn validation_ends_with_a_code_that_a_script_can_read() {
    let bench = holding("questions.csv", "id,English,Spanish\nq0,What helps against a cold?,\n");
    let done = bench.clinic(&format!("data validate {TASK} --data data --json")).exits(1).json();
    assert_eq!(done["usable"], false);
    let error = &done["findings"][0];
    assert_eq!((&error["severity"], &error["check"]), (&json!("error"), &json!("parallel")));
    assert_eq!((&error["line"], &error["column"]), (&json!(2), &json!("Spanish")));
    let shown = bench.clinic(&format!("data validate {TASK} --data data")).exits(1);
    assert!(
        shown.out.contains("a run should not use it before the errors are mended"),
        "{}",
        shown.out
    );
    assert!(shown.out.lines().all(|line| line.chars().count() <= 80), "{}", shown.out);
    bench.write("data/questions.csv", "id,English,Spanish\nq0,What helps?,¿Qué ayuda?\n");
    let done = bench.clinic(&format!("data validate {TASK} --data data")).exits(0);
    assert!(done.out.ends_with("a run may use it\n"), "{}", done.out);
    bench.clinic("data validate --data nowhere").exits(2);
}

#[test]
fn validation_of_the_starter_set_finds_no_error() {
    let bench = Bench::of(1);
    let done = bench.clinic("data validate --json").exits(0).json();
    assert_eq!(done["usable"], true);
    let severe = |finding: &&serde_json::Value| finding["severity"] == "error";
    assert_eq!(done["findings"].as_array().unwrap().iter().filter(severe).count(), 0);
}

#[test]
fn stats_count_domains_and_lengths_and_draw_them() {
    let bench =
        holding("questions.csv", "id,English,domains\nq0,one two,a;b\nq1,three,a\nq2,four,\n");
    bench.write("data/manifest.toml", "name = \"t\"\n[columns]\ndomains = \"domains\"\n");
    let line = format!("data stats {TASK} --data data --charts charts");
    let stats = bench.clinic(&format!("{line} --json")).exits(0).json();
    assert_eq!(stats["domains"], json!({"a": 2, "b": 1}));
    assert_eq!(stats["without_domain"], 1);
    let lengths = &stats["languages"][0];
    assert_eq!(lengths["words"], json!({"mean": 4.0 / 3.0, "median": 1, "least": 1, "most": 2}));
    assert_eq!(
        lengths["characters"],
        json!({"mean": 16.0 / 3.0, "median": 5, "least": 4, "most": 7})
    );
    assert_eq!(stats["published"]["differs"], true);
    let shown = bench.clinic(&line).exits(0);
    assert!(shown.out.contains("A sample in two domains counts in both"), "{}", shown.out);
    assert!(shown.out.lines().all(|line| line.chars().count() <= 80), "{}", shown.out);
    for name in ["dimensions", "tasks", "languages", "domains", "characters", "words"] {
        let svg = String::from_utf8(bench.read(&format!("charts/{name}.svg"))).unwrap();
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"), "{svg}");
    }
    let domains = String::from_utf8(bench.read("charts/domains.svg")).unwrap();
    assert!(domains.contains("<desc id=\"desc\">a: 2; b: 1</desc>"), "{domains}");
}

#[test]
fn stats_give_the_published_counts_where_the_files_have_them() {
    let bench = Bench::of(1);
    let headers = "English,Arabic,Chinese,French,Hindi,Japanese,Korean,Spanish,Bengali,Russian,Vietnamese,Hausa,Nepali,Somali,Swahili";
    for (file, rows) in PUBLISHED {
        let references = "answer,original_question,sycophantic_response,non_sycophantic_response,question,masked_question,Ground_Truth";
        let mut text = format!("{headers},{references}\n");
        for row in 0..rows {
            text += &format!("{}A,o,s,n,q,m,g\n", format!("text {row},").repeat(15));
        }
        bench.write(&format!("published/{file}.csv"), text);
    }
    let stats = bench.clinic("data stats --data published --json").exits(0).json();
    assert_eq!(stats["samples"], 28_800);
    assert_eq!(
        stats["published"],
        json!({"tasks": stats["published"]["tasks"], "a_language": 1_920, "differs": false})
    );
    let languages = stats["languages"].as_array().unwrap();
    assert!(languages.len() == 15 && languages.iter().all(|l| l["samples"] == 1_920));
    let shown = bench.clinic("data stats --data published").exits(0).out;
    assert!(
        shown.contains("28800 samples in 15 languages; the published set has 1,920"),
        "{shown}"
    );
    assert!(shown.contains("as this one"), "{shown}");
}

#[test]
fn languages_are_the_users_to_change() {
    let bench = holding("questions.csv", "id,Castellano,Klingon\nq0,¿Qué ayuda?,nuqneH\n");
    let languages = "[[language]]\ntag = \"es\"\nenglish = \"Castellano\"\nown = \"Español\"\n\
        script = \"Latn\"\ndirection = \"ltr\"\ntier = \"low\"\n\
        [[language]]\ntag = \"tlh\"\nenglish = \"Klingon\"\nown = \"tlhIngan Hol\"\n\
        script = \"Latn\"\ndirection = \"ltr\"\ntier = \"low\"\n";
    bench.write("mine.toml", languages);
    let fake = Fake::start(Script::default());
    let line = Bench::line("generate", "judged", &fake, "--languages-file mine.toml");
    bench.clinic(&line).exits(0);
    assert_eq!(bench.states(), ["answered", "answered"]);
    let plan = String::from_utf8(bench.read("run/run.toml")).unwrap();
    for line in ["languages = [\"es\", \"tlh\"]", "es = \"low\"", "tlh = \"low\""] {
        assert!(plan.contains(line), "{line} is not in {plan}");
    }
    for (wrong, why) in [
        ("language = 1", "mine.toml"),
        (
            "[[language]]\ntag = \"xx\"\nenglish = \"Hausa\"\nown = \"x\"\nscript = \"Latn\"\ndirection = \"ltr\"\ntier = \"low\"\n",
            "two languages are named 'hausa'",
        ),
        (
            "[[language]]\ntag = \"x/y\"\nenglish = \"X\"\nown = \"x\"\nscript = \"Latn\"\ndirection = \"ltr\"\ntier = \"low\"\n",
            "'x/y' is no BCP 47 tag",
        ),
        (
            "[[language]]\ntag = \"xx\"\nenglish = \"X\"\nown = \"x\"\nscript = \"Latn\"\ndirection = \"ltr\"\ntier = \"huge\"\n",
            "huge",
        ),
    ] {
        bench.write("mine.toml", wrong);
        bench.clinic("tasks --languages-file mine.toml").exits(2).says(&["mine.toml", why]);
    }
    bench.clinic("tasks --languages-file none.toml").exits(2).says(&["none.toml"]);
}

#[test]
fn tables_by_tier_go_by_the_tiers_that_the_run_was_made_with() {
    let bench = Bench::of(1);
    let languages = "[[language]]\ntag = \"es\"\nenglish = \"Spanish\"\nown = \"Español\"\n\
        script = \"Latn\"\ndirection = \"ltr\"\ntier = \"low\"\n";
    bench.write("mine.toml", languages);
    let fake = Fake::start(Script::default());
    let line = format!(
        "run --tasks fairness-preference --languages en,es --out run --model openai/m --base-url {}",
        fake.base_url()
    );
    bench.clinic(&format!("{line} --languages-file mine.toml")).exits(0);
    let tiers = |line: &str| -> Vec<String> {
        let json = bench.clinic(line).exits(0).json();
        let rows = json["tiers"].as_array().unwrap().iter();
        rows.map(|row| row["tier"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(tiers("report run --json"), ["high", "low"]);
    let bench = bench.env("CLINIC_LANGUAGES", "mine.toml");
    bench.clinic(&line.replace("--out run", "--out other")).exits(0);
    let plan = String::from_utf8(bench.read("other/run.toml")).unwrap();
    assert!(plan.contains("es = \"low\""), "{plan}");
}

#[test]
fn the_starter_set_runs_all_tasks_in_all_languages() {
    let fake = Fake::start(Script::default());
    let bench = Bench::of(1);
    let url = fake.base_url();
    let line = format!(
        "run --data starter --out run --json --model openai/m --base-url {url} --judge openai/j \
         --judge-base-url {url} --embedder openai/e --embedder-base-url {url} --max-connections 50"
    );
    let json = bench.clinic(&line).exits(0).json();
    assert_eq!(json["gaps"], json!([]));
    let samples = "SELECT CAST(count(*) AS TEXT) FROM samples GROUP BY task, language";
    let counts = bench.column(samples);
    assert_eq!(counts.len(), 18 * 15);
    assert_eq!(counts.iter().filter(|count| *count == "25").count(), 15, "adversarial-attacks");
    assert_eq!(counts.iter().filter(|count| *count == "5").count(), 17 * 15);
    let rows = json["rows"].as_array().unwrap();
    let mut cells: Vec<String> =
        rows.iter().map(|row| format!("{} {}", row["task"], row["language"])).collect();
    cells.dedup();
    assert_eq!(cells.len(), 18 * 15, "a figure for each task and language");
    assert!(bench.states().iter().all(|state| state == "answered"));
}

#[test]
fn what_import_doubts_is_not_used() {
    let bench = holding("questions.csv", "id,English\nq0,What helps?\n");
    bench.write("data/old/questions.csv", "id,English\nq0,Something else?\nq1,And more?\n");
    let done = bench.clinic("data import data --tasks-dir tasks").exits(0);
    assert!(done.out.contains("doubtful, in the manifest as comments"), "{}", done.out);
    let stats = format!("data stats {TASK} --data data");
    bench.clinic(&stats).exits(2).says(&["the data holds no sample"]);
    // A person decides by taking the comment signs away.
    let manifest = String::from_utf8(bench.read("data/manifest.toml")).unwrap();
    let lines =
        manifest.split("# doubtful").find(|part| part.contains("\"questions.csv\"")).unwrap();
    let entry: Vec<&str> =
        lines.lines().skip(1).filter_map(|line| line.strip_prefix("# ")).collect();
    let entry = entry.iter().take_while(|line| !line.starts_with("missing")).copied();
    let entry = entry.collect::<Vec<_>>().join("\n");
    bench.write("data/manifest.toml", format!("{manifest}\n{entry}\n"));
    assert_eq!(bench.clinic(&format!("{stats} --json")).exits(0).json()["samples"], 1);
}
