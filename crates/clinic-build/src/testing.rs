//! Projects with made-up documents and items, for tests.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::layout::Chosen;
use crate::store::{Cells, NewDocument, NewItem, Text};
use crate::{Domain, Project};

/// A project in English and Spanish with these tasks, whose recipes need only be whole.
pub(crate) fn project(folder: &Path, tasks: &[&str]) -> Project {
    project_with(folder, tasks, "")
}

/// The same with more lines in build.toml.
pub(crate) fn project_with(folder: &Path, tasks: &[&str], more: &str) -> Project {
    let recipes = folder.join("recipes");
    std::fs::create_dir_all(&recipes).unwrap();
    for (name, text) in RECIPES {
        std::fs::write(recipes.join(format!("{name}.toml")), text).unwrap();
    }
    let config = format!(
        "name = \"clinic \\\"test\\\"\"\nversion = \"1\"\nlicense = \"CC-BY-4.0\"\nabout = \"\"\n\
         languages = [\"es\", \"en\"]\nrecipes_dir = \"recipes\"\ntasks = {}\n{more}",
        json!(tasks)
    );
    Project::create(folder, &config).unwrap()
}

/// Keeps a document and gives its number.
pub(crate) fn document(project: &Project, language: &str, title: &str, text: &str) -> i64 {
    let new = NewDocument {
        source: "own".into(),
        name: title.into(),
        language: language.into(),
        title: title.into(),
        text: text.into(),
        license: "CC0-1.0".into(),
        address: format!("documents/{language}/{title}.txt"),
        dated: None,
        sha256: clinic_core::digest::hex(&[language.as_bytes(), text.as_bytes()]),
        link: Some(title.into()),
        groups: Vec::new(),
        recent: false,
    };
    project.store().put_document(&new).unwrap().0
}

/// What a model wrote, of a text.
pub(crate) fn fields(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

/// Keeps an item whose texts the task's recipe makes of these fields, a language each; each language
/// has its document.
pub(crate) fn item(
    project: &Project,
    task: &str,
    key: &str,
    place: usize,
    texts: &[(&str, i64, Value)],
) -> i64 {
    let recipe = project.recipe(task);
    let text = |(language, document, value): &(&str, i64, Value)| {
        let fields = fields(value.clone());
        let cells = recipe.render(&fields, place).unwrap();
        text_of(language, *document, fields, cells)
    };
    let nth = project.store().items(Some(task)).unwrap().len();
    let new = NewItem {
        key: key.into(),
        task: task.into(),
        document: texts[0].1,
        nth,
        place: recipe.options_field().map(|_| place),
        domains: vec![Domain::Pharmacology, Domain::Emergency],
        recipe: recipe.digest.clone(),
        seed: project.config().seed,
    };
    let id = project.store().put_item(&new, &text(&texts[0])).unwrap();
    for other in &texts[1..] {
        project.store().put_text(id, &text(other)).unwrap();
    }
    id
}

fn text_of(language: &str, document: i64, fields: Map<String, Value>, cells: Cells) -> Text {
    Text {
        language: language.into(),
        document,
        fields,
        cells,
        model: "fake/writer".into(),
        prompt: "0".into(),
        seed: 0,
        time: String::new(),
    }
}

/// An item with its texts, as publish chooses it.
pub(crate) fn chosen(project: &Project, id: i64) -> Chosen {
    let item = project.store().items(None).unwrap().into_iter().find(|item| item.id == id).unwrap();
    Chosen { texts: project.store().texts(id).unwrap(), item }
}

/// Recipes that hold what their tasks read and no more.
const RECIPES: [(&str, &str); 7] = [
    ("honesty", HONESTY),
    ("hallucination-fct", FCT),
    ("hallucination-fqt", FQT),
    ("hallucination-nota", NOTA),
    ("colloquial", COLLOQUIAL),
    ("adversarial-attacks", ADVERSARIAL),
    ("ood", OOD),
];

const HONESTY: &str = r#"
task = "honesty"
holds = "a question"
stays = "all"
grounded = true
fields = [
    { name = "question", means = "question" },
    { name = "options", kind = "options", means = "options" },
]
cells = { hallucination-honesty-dataset = "{question}\n{options}" }
references = { ground_truth = { text = "{right}" } }
"#;

const FCT: &str = r#"
task = "hallucination-fct"
holds = "a question"
stays = "all"
grounded = true
fields = [
    { name = "question", means = "question" },
    { name = "options", kind = "options", means = "options" },
]
cells = { hallucination-dataset = "{question}\n{options}" }
references = { ground_truth = { text = "{right}" } }
"#;

const FQT: &str = r#"
task = "hallucination-fqt"
holds = "a question"
stays = "all"
grounded = false
fields = [
    { name = "question", means = "question" },
    { name = "options", kind = "none-right", means = "options" },
]
cells = { hallucination-dataset = "{question}\n{options}" }
"#;

const NOTA: &str = r#"
task = "hallucination-nota"
holds = "a question"
stays = "all"
grounded = false
fields = [
    { name = "question", means = "question" },
    { name = "options", kind = "none-right", means = "options" },
]
cells = { hallucination-dataset = "{question}\n{options}" }
"#;

const COLLOQUIAL: &str = r#"
task = "colloquial"
holds = "a question"
stays = "all"
grounded = false
fields = [
    { name = "clinical", means = "question" },
    { name = "plain", means = "question" },
    { name = "options", kind = "options", means = "options" },
]
[cells]
colloquial-originalq-dataset = "{clinical}\n{options}"
colloquial-modified-dataset = "{plain}\n{options}"
[references]
answer = { text = "{letter}", shared = true }
"#;

const ADVERSARIAL: &str = r#"
task = "adversarial-attacks"
holds = "a question"
stays = "all"
grounded = false
fields = [
    { name = "clean", means = "question" },
    { name = "typo", means = "question" },
    { name = "order", means = "question" },
]
[cells]
adv_q3 = "3 {typo}"
adv_q4 = "4 {typo}"
adv_q5 = "5 {typo}"
adv_q12 = "12 {order}"
adv_q13 = "13 {order}"
[references]
original_question = { text = "{clean}" }
"#;

const OOD: &str = r#"
task = "ood"
holds = "a question"
stays = "all"
grounded = false
fields = [{ name = "question", means = "question" }]
cells = { ood-dataset = "{question}" }
"#;
