//! What stands above every question: it arrives where each provider documents it, in the language of
//! the question, at the model under test and nowhere else, and the run tells of it.

use clinic_core::mitigation::Mitigations;
use clinic_fake::{Action, Fake, Script, Seen};
use serde_json::{Value, json};

use crate::support::{Bench, down_for, is_for};

const NAME: &str = "privacy-reminder";

/// One question in two languages.
fn bench() -> Bench {
    let bench = Bench::of(0);
    bench.write("data/questions.csv", "id,English,Swahili\n0,ask,uliza\n");
    bench
}

fn text(name: &str, tag: &str) -> String {
    Mitigations::builtin().find(name).unwrap().text[tag].clone()
}

/// The only request that asks this.
fn asking(fake: &Fake, question: &str) -> Seen {
    let body = |seen: &Seen| seen.body.to_string().contains(question);
    let mut found: Vec<Seen> = fake.requests().into_iter().filter(body).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// Generates from a provider whose answers are `answer`, and gives what was sent in English and in
/// Swahili.
fn sent(model: &str, key: &str, answer: Value, more: &str) -> [Seen; 2] {
    let fake = Fake::start(Script::always(Action::Json(200, answer)));
    let bench = bench().env(key, "sk-0123456789abcdefghij");
    let line = format!(
        "generate --tasks-dir tasks --data data --tasks judged --out run --model {model} \
         --base-url {} --mitigation {NAME} {more}",
        fake.base_url()
    );
    bench.clinic(&line).exits(0);
    assert_eq!(bench.states(), ["answered"; 2]);
    [asking(&fake, "Q: ask"), asking(&fake, "Q: uliza")]
}

fn choice() -> Value {
    json!({"choices": [{"message": {"content": "yes"}, "text": "yes", "finish_reason": "stop"}]})
}

#[test]
fn servers_of_the_openai_protocol_get_a_system_message() {
    for (model, key) in [
        ("openai/m", "OPENAI_API_KEY"),
        ("azure/m", "AZURE_OPENAI_API_KEY"),
        ("openrouter/a/b", "OPENROUTER_API_KEY"),
        ("ollama/m", "NONE"),
        ("vllm/m", "NONE"),
    ] {
        let seen = sent(model, key, choice(), "");
        for (seen, tag, question) in [(&seen[0], "en", "Q: ask"), (&seen[1], "sw", "Q: uliza")] {
            let messages = json!([{"role": "system", "content": text(NAME, tag)},
                                  {"role": "user", "content": question}]);
            assert_eq!(seen.body["messages"], messages, "{model}");
        }
    }
}

#[test]
fn anthropic_gets_it_as_system() {
    let answer = json!({"content": [{"type": "text", "text": "yes"}], "stop_reason": "end_turn"});
    let [english, swahili] = sent("anthropic/m", "ANTHROPIC_API_KEY", answer, "");
    assert_eq!(english.body["system"], text(NAME, "en"));
    assert_eq!(swahili.body["system"], text(NAME, "sw"));
    assert_eq!(swahili.body["messages"], json!([{"role": "user", "content": "Q: uliza"}]));
}

#[test]
fn google_gets_it_as_a_system_instruction() {
    let candidate = json!({"content": {"parts": [{"text": "yes"}]}, "finishReason": "STOP"});
    let answer = json!({"candidates": [candidate]});
    let [english, swahili] = sent("google/m", "GEMINI_API_KEY", answer, "");
    assert_eq!(english.body["systemInstruction"], json!({"parts": [{"text": text(NAME, "en")}]}));
    assert_eq!(swahili.body["systemInstruction"], json!({"parts": [{"text": text(NAME, "sw")}]}));
    let said = json!([{"role": "user", "parts": [{"text": "Q: uliza"}]}]);
    assert_eq!(swahili.body["contents"], said);
}

#[test]
fn bare_text_has_it_before_the_prompt() {
    let [english, swahili] = sent("vllm/m", "NONE", choice(), "--prompt-format raw");
    assert_eq!(english.body["prompt"], format!("{}\n\nQ: ask", text(NAME, "en")));
    assert_eq!(swahili.body["prompt"], format!("{}\n\nQ: uliza", text(NAME, "sw")));
}

#[test]
fn batches_have_it_too() {
    let told = json!(text(NAME, "en"));
    for provider in ["openai", "anthropic"] {
        let fake = Fake::start(Script::default());
        let bench = Bench::of(30).env("ANTHROPIC_API_KEY", "k").env("OPENAI_API_KEY", "k");
        let more = format!("--mitigation {NAME} --batch --batch-poll 0.05");
        let line = Bench::line("generate", "judged", &fake, &more);
        bench.clinic(&line.replace("openai/m", &format!("{provider}/m"))).exits(0);
        let sent = fake.batch_requests();
        let body = |seen: &Seen| match provider {
            "openai" => seen.body["messages"][0].clone(),
            _ => json!({"role": "system", "content": seen.body["system"]}),
        };
        assert_eq!(sent.len(), 30);
        let expected = json!({"role": "system", "content": told});
        assert!(sent.iter().all(|seen| body(seen) == expected), "{provider}: {:?}", sent[0]);
    }
}

#[test]
fn a_file_and_mitigations_are_joined_in_order_and_resume_keeps_to_them() {
    let fake = down_for(1, Action::status(401, &[], "no"));
    let bench = bench();
    bench.write("mine.txt", "Be brief.\n");
    let more = "--system-prompt mine.txt --mitigation debias-note,privacy-reminder \
                --languages en --max-connections 1";
    bench.generate(&fake, more).exits(1);
    // The plan is frozen: what becomes of the file does not matter.
    bench.write("mine.txt", "Be long.");
    bench.clinic("resume run").exits(0);
    let expected = format!("Be brief.\n\n{}\n\n{}", text("debias-note", "en"), text(NAME, "en"));
    for seen in fake.requests() {
        assert_eq!(seen.body["messages"][0], json!({"role": "system", "content": expected}));
    }
    let report = bench.clinic("report run --json").exits(0).json();
    let parts = report["system"]["parts"].as_array().unwrap().clone();
    let names: Vec<&Value> = parts.iter().map(|part| &part["name"]).collect();
    assert_eq!(names, ["mine.txt", "debias-note", NAME]);
    assert_eq!(report["system"]["text"], json!({"en": expected}));
    let shown = bench.clinic("report run").exits(0).out;
    let line = format!("mitigation {NAME} ({})", &parts[2]["sha256"].as_str().unwrap()[..12]);
    assert!(shown.replace("\n  ", " ").contains(&line), "{shown}");
    assert!(shown.contains("system file mine.txt ("), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
}

#[test]
fn a_run_without_one_is_as_it_was_and_shares_no_answer_with_one_that_has_one() {
    let fake = Fake::start(Script::default());
    let bench = bench();
    let cached = |more: &str, out: &str| {
        let line = Bench::line("generate", "judged", &fake, &format!("--cache cache {more}"));
        bench.clinic(&line.replace("--out run", &format!("--out {out}"))).exits(0);
        fake.count()
    };
    assert_eq!(cached("", "without"), 2);
    assert_eq!(cached(&format!("--mitigation {NAME}"), "with"), 4, "other requests");
    assert_eq!(cached("", "again"), 4);
    let plan = String::from_utf8(bench.read("without/run.toml")).unwrap();
    assert!(!plan.contains("system"), "{plan}");
    let messages = asking_all(&fake).into_iter().filter(|body| !body.contains("\"system\""));
    assert_eq!(messages.count(), 2);
    let shown = bench.clinic("report without").out;
    assert!(!shown.contains("system"), "{shown}");
    assert_eq!(bench.clinic("report without --json").json()["system"], json!(null));
}

fn asking_all(fake: &Fake) -> Vec<String> {
    fake.requests().iter().map(|seen| seen.body.to_string()).collect()
}

#[test]
fn those_who_score_never_see_it() {
    let fake = Fake::start(Script::default());
    let bench = bench();
    bench.run("judged", &fake, "--mitigation say-you-do-not-know").exits(0);
    let system = [text("say-you-do-not-know", "en"), text("say-you-do-not-know", "sw")];
    let sees = |seen: &Seen| {
        let body = seen.body.to_string();
        system.iter().any(|text| body.contains(&json!(text).to_string()[1..20]))
    };
    let (judge, model): (Vec<Seen>, Vec<Seen>) =
        fake.requests().into_iter().partition(|seen| is_for(seen, "judge"));
    assert!(model.len() == 2 && model.iter().all(sees), "{model:?}");
    assert!(!judge.is_empty() && !judge.iter().any(sees), "{judge:?}");
}

#[test]
fn a_dry_run_counts_it() {
    let fake = Fake::start(Script::default());
    let bench = bench();
    let forecast = |more: &str| {
        let more = format!("--languages en --dry-run --json {more}");
        bench.clinic(&Bench::line("generate", "judged", &fake, &more)).exits(0).json()
    };
    let (without, with) = (forecast(""), forecast(&format!("--mitigation {NAME}")));
    let more = |key: &str| with[key].as_u64().unwrap() - without[key].as_u64().unwrap();
    // Three bytes to a token, rounded up; a blank line between.
    let bytes = text(NAME, "en").len() + 2;
    assert_eq!(more("characters"), bytes as u64);
    let tokens = |json: &Value| json["all"]["prompt_tokens"].as_u64().unwrap();
    assert_eq!(tokens(&with), (bytes + "Q: ask".len()).div_ceil(3) as u64);
    assert_eq!(tokens(&without), 2);
    assert_eq!(fake.count(), 0);
}

#[test]
fn the_protocol_reference_takes_it_and_says_so() {
    let fake = Fake::start(Script::default());
    let bench = Bench::new();
    let line =
        Bench::line("run", "privacy", &fake, "--languages en --limit 1 --protocol reference");
    let line = line.replace("--data data", "--data starter");
    let line = line.replace("--tasks-dir tasks ", "");
    let shown = bench.clinic(&format!("{line} --mitigation {NAME}")).exits(0).out;
    assert!(shown.replace("\n  ", " ").contains("ask without a system prompt"), "{shown}");
    let prompt = fake.requests()[0].body["prompt"].as_str().unwrap().to_owned();
    assert!(prompt.starts_with(&format!("{}\n\n", text(NAME, "en"))), "{prompt}");
}

#[test]
fn what_cannot_be_a_system_prompt_is_refused_before_anything_is_asked() {
    let fake = Fake::start(Script::default());
    let bench = bench();
    bench.write("empty.txt", " \n");
    bench.write("latin.txt", b"caf\xe9");
    bench.write("english.toml", "[text]\nen = \"Be brief.\"\n");
    bench.write("large.txt", vec![b'a'; 2 << 20]);
    bench.write(
        "more.toml",
        "[[mitigation]]\nname = \"mine\"\ntitle = \"t\"\ntext = {en = \"x\"}\n",
    );
    for (more, why) in [
        ("--mitigation nobody", "no mitigation is named 'nobody'; known are privacy-reminder"),
        ("--mitigation debias-note,debias-note", "debias-note is named twice"),
        ("--system-prompt none.txt", "none.txt: No such file"),
        ("--system-prompt data", "data: "),
        ("--system-prompt empty.txt", "empty.txt is empty in en"),
        ("--system-prompt latin.txt", "latin.txt: not UTF-8"),
        ("--system-prompt large.txt", "large.txt: a system prompt has at most 1048576 bytes"),
        ("--system-prompt english.toml", "english.toml has no text in Swahili (sw)"),
        ("--mitigation mine --mitigations-file more.toml", "mine has no text in Swahili (sw)"),
        ("--mitigation mine --mitigations-file english.toml", "english.toml: "),
        ("--mitigations-file more.toml", "--mitigation <NAMES>"),
    ] {
        for dry in ["", "--dry-run"] {
            bench.generate(&fake, &format!("{more} {dry}")).exits(2).says(&[why]);
        }
    }
    assert!(!bench.path("run").exists());
    for option in ["--mitigation debias-note", "--system-prompt empty.txt"] {
        let line = format!("import folder --layout reference {option}");
        bench.clinic(&line).exits(2).says(&["imported responses were asked for elsewhere"]);
    }
    assert_eq!(fake.count(), 0);
    // The languages that have a text can be asked.
    let mine = "--mitigation mine --mitigations-file more.toml --languages en";
    bench.generate(&fake, mine).exits(0);
    assert_eq!(fake.requests()[0].body["messages"][0]["content"], "x");
}

#[test]
fn mitigations_are_listed_and_shown() {
    let bench = Bench::new();
    let shown = bench.clinic("mitigations").exits(0).out;
    for part in [NAME, "say-you-do-not-know", "debias-note", "exaggerated-safety"] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    let one = bench.clinic(&format!("mitigations {NAME}")).exits(0).out;
    assert!(one.contains(&text(NAME, "ha")) && one.contains("\n\nen\n"), "{one}");
    let list = bench.clinic("mitigations --json").exits(0).json();
    assert_eq!(list.as_array().unwrap().len(), Mitigations::builtin().iter().count());
    let one = bench.clinic(&format!("mitigations {NAME} --json")).exits(0).json();
    assert_eq!(one["text"]["so"], text(NAME, "so"));
    bench.clinic("mitigations nobody").exits(2).says(&["clinic mitigations lists them"]);
}
