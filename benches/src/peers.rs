//! Two other programs that do the same, in a virtual environment of their own.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::asker::{Asker, CONNECTIONS};

const REQUIREMENTS: &str = include_str!("../peers/requirements.txt");
const INSPECT_TASK: &str = include_str!("../peers/inspect_task.py");
const LM_EVAL_TASK: &str = include_str!("../peers/lm_eval/bench.yaml");
const ANSWERS: &str = include_str!("../peers/answers.py");

/// Installs both where they are not there yet.
pub fn install() -> Result<Vec<Box<dyn Asker>>, Box<dyn Error>> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || std::env::home_dir().map(|home| home.join(".cache"));
    let folder = cache.or_else(home).ok_or("no cache folder")?.join("clinic/bench-peers");
    let (bin, ready) = (folder.join("bin"), folder.join("ready"));
    // Made anew where it was left half made, or was made for other versions.
    if std::fs::read_to_string(&ready).ok().as_deref() != Some(REQUIREMENTS) {
        println!("installing Inspect AI and lm-evaluation-harness (once)");
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
        let list = folder.join("requirements.txt");
        std::fs::write(&list, REQUIREMENTS)?;
        let mut pip = Command::new(bin.join("python"));
        pip.args(["-m", "pip", "install", "-q", "--disable-pip-version-check", "-r"]).arg(list);
        run(&mut pip)?;
        std::fs::write(ready, REQUIREMENTS)?;
    }
    let version = |package: &str| {
        let code = format!("import importlib.metadata as m; print(m.version('{package}'))");
        run(Command::new(bin.join("python")).args(["-c", &code]))
    };
    let inspect = format!("Inspect AI {}", version("inspect-ai")?.trim());
    let lm_eval = format!("lm-evaluation-harness {}", version("lm-eval")?.trim());
    Ok(vec![
        Box::new(Inspect { bin: bin.clone(), name: inspect }),
        Box::new(LmEval { bin, name: lm_eval }),
    ])
}

struct Inspect {
    bin: PathBuf,
    name: String,
}

impl Asker for Inspect {
    fn name(&self) -> &str {
        &self.name
    }

    fn command(&self, url: &str, folder: &Path) -> Result<Command, Box<dyn Error>> {
        std::fs::write(folder.join("task.py"), INSPECT_TASK)?;
        let mut command = Command::new(self.bin.join("inspect"));
        command.args(["eval", "task.py", "-T", "questions=../questions.jsonl"]);
        command.args(["--model", "openai-api/bench/bench", "--model-base-url", url]);
        command.args(["--max-connections", &CONNECTIONS.to_string()]);
        command.args(["--log-dir", "log", "--display", "none"]);
        command.env("BENCH_API_KEY", "none").current_dir(folder);
        Ok(command)
    }

    fn answers(&self, folder: &Path) -> Result<usize, Box<dyn Error>> {
        answers(&self.bin, "inspect", &folder.join("log"))
    }
}

struct LmEval {
    bin: PathBuf,
    name: String,
}

impl Asker for LmEval {
    fn name(&self) -> &str {
        &self.name
    }

    fn command(&self, url: &str, folder: &Path) -> Result<Command, Box<dyn Error>> {
        std::fs::create_dir(folder.join("tasks"))?;
        std::fs::write(folder.join("tasks/bench.yaml"), LM_EVAL_TASK)?;
        let mut command = Command::new(self.bin.join("lm_eval"));
        command.args(["run", "--tasks", "bench", "--include_path", "tasks"]);
        command.args(["--model", "local-chat-completions", "--apply_chat_template"]);
        let model =
            format!("model=bench,base_url={url}/chat/completions,num_concurrent={CONNECTIONS}");
        command.args(["--model_args", &model, "--output_path", "log", "--log_samples"]);
        // The data set is a local file, so the hub need not be asked.
        command.env("HF_HUB_OFFLINE", "1").env("HF_HOME", folder.join("cache"));
        command.env("OPENAI_API_KEY", "none").current_dir(folder);
        Ok(command)
    }

    fn answers(&self, folder: &Path) -> Result<usize, Box<dyn Error>> {
        answers(&self.bin, "lm-eval", &folder.join("log"))
    }
}

fn answers(bin: &Path, of: &str, folder: &Path) -> Result<usize, Box<dyn Error>> {
    let told = run(Command::new(bin.join("python")).args(["-c", ANSWERS, of]).arg(folder))?;
    Ok(told.trim().parse()?)
}

/// The stdout of a command that must end well.
fn run(command: &mut Command) -> Result<String, Box<dyn Error>> {
    let output = command.output().map_err(|e| format!("{e}: {command:?}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{}: {command:?}\n{said}", output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}
