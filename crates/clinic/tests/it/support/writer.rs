//! A scripted writer: it answers requests of `clinic build write` with whole items whose texts are
//! pieces of the document that it is shown, so that they are in the right language; and it misbehaves
//! on request.

use clinic_fake::{Action, Script, Seen};
use serde_json::{Map, Value, json};

/// What a request asks for.
pub struct Asked {
    /// English name of the language that the item is to be in.
    pub language: String,
    /// The title of the English document.
    pub title: String,
    /// Whether an earlier reply was refused.
    pub again: bool,
    schema: Value,
    prompt: String,
}

/// Ways to misbehave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Empty,
    /// A text field is not there.
    Half,
    /// A text field is blank.
    Blank,
    /// Words around the object.
    Prose,
    /// A key that nobody asked for.
    Extra,
    /// Two options are the same.
    SameOptions,
    /// Options have letters of their own.
    Lettered,
    /// An ordinary option stands where "none of the above" must.
    NotNone,
    /// What must stand in a text is not there.
    NoToken,
    /// No domain is true.
    NoDomain,
    /// French, whatever was asked for.
    French,
    /// The English item again.
    AsEnglish,
    /// The instructions again.
    Copies,
    /// Longer than the recipe allows.
    Long,
    CutOff,
    Filtered,
    /// The request is refused for what it holds.
    Refused,
}

/// A writer that behaves.
pub fn writer() -> Script {
    writer_who(|_| None)
}

/// A writer that misbehaves where the rule says so. Other requests get what a provider answers.
pub fn writer_who(rule: impl Fn(&Asked) -> Option<Manner> + Send + Sync + 'static) -> Script {
    Script::new(move |seen, _| match Asked::of(seen) {
        Some(asked) => asked.action(rule(&asked)),
        None => Action::Default,
    })
}

impl Asked {
    /// What a request to write asks for; `None` where it is another request.
    pub fn of(seen: &Seen) -> Option<Self> {
        let messages = seen.body["messages"].as_array()?;
        let prompt = messages.get(1)?["content"].as_str()?.to_owned();
        let (_, end) = prompt.rsplit_once("Write the item now, all texts in ")?;
        let language = end.split('.').next()?.to_owned();
        let source =
            fenced(&prompt, "document").or_else(|| fenced(&prompt, "document in English"))?;
        let title = source.lines().next()?.to_owned();
        let again = messages.len() > 2 || prompt.contains("(An earlier reply could not be used");
        let schema = seen.body["response_format"]["json_schema"]["schema"].clone();
        Some(Self { language, title, again, schema, prompt })
    }

    /// What the writer does with this request.
    pub fn action(&self, manner: Option<Manner>) -> Action {
        let mut item = self.item(&self.document());
        let first = item.keys().next().cloned().unwrap_or_default();
        let options = item.iter().find(|(name, value)| value.is_object() && *name != "domains");
        let options = options.map(|(name, _)| name.clone());
        let whole = |item: Map<String, Value>| Action::Text(Value::Object(item).to_string());
        match manner {
            None => {}
            Some(Manner::Empty) => return Action::Text(String::new()),
            Some(Manner::Half) => drop(item.remove(&first)),
            Some(Manner::Blank) => item[&first] = json!(" \u{200b} "),
            Some(Manner::Prose) => {
                return Action::Text(format!("Here is the item: {}", Value::Object(item)));
            }
            Some(Manner::Extra) => drop(item.insert("note".into(), json!("done"))),
            Some(Manner::SameOptions) => {
                let name = options.expect("options");
                item[&name]["wrong_1"] = item[&name]["wrong_2"].clone();
            }
            Some(Manner::Lettered) => {
                let name = options.expect("options");
                let text = item[&name]["wrong_1"].as_str().expect("a text").to_owned();
                item[&name]["wrong_1"] = json!(format!("A) {text}"));
            }
            Some(Manner::NotNone) => {
                let name = options.expect("options");
                item[&name]["none"] = json!("Ibuprofen 400");
            }
            Some(Manner::NoToken) => {
                let text = item[&first].as_str().expect("a text");
                item[&first] = json!(text.replace(['[', ']'], ""));
            }
            Some(Manner::NoDomain) => {
                for value in item["domains"].as_object_mut().into_iter().flat_map(Map::values_mut) {
                    *value = json!(false);
                }
            }
            Some(Manner::French) => {
                item[&first] = json!(
                    "Les personnes qui prennent ce médicament doivent en parler à leur médecin avant \
                     chaque opération, même quand elles se sentent bien et n'ont aucune douleur. \
                     Elles peuvent aussi demander conseil à leur pharmacien."
                );
            }
            Some(Manner::AsEnglish) => {
                let english = fenced(&self.prompt, "item in English").expect("the English item");
                return Action::Text(english);
            }
            Some(Manner::Copies) => {
                let holds = self.prompt.split("What the item must hold:\n").nth(1).expect("holds");
                let words: Vec<&str> = holds.split_whitespace().take(25).collect();
                item[&first] = json!(words.join(" "));
            }
            Some(Manner::Long) => {
                let text = item[&first].as_str().expect("a text").to_owned();
                item[&first] = json!(format!("{text} ").repeat(60));
            }
            Some(Manner::CutOff) => {
                let text = Value::Object(item).to_string();
                let half: String = text.chars().take(text.chars().count() / 2).collect();
                return Action::Length(half);
            }
            Some(Manner::Filtered) => return Action::Filtered,
            Some(Manner::Refused) => {
                return Action::status(400, &[], "this content is not allowed here");
            }
        }
        whole(item)
    }

    /// The document in the language that the item is to be in.
    fn document(&self) -> String {
        let name = format!("document in {}", self.language);
        fenced(&self.prompt, &name)
            .or_else(|| fenced(&self.prompt, "document"))
            .expect("a document")
    }

    /// A whole item: each text is another piece of the document, with what it must hold.
    fn item(&self, document: &str) -> Map<String, Value> {
        let pieces = pieces(document);
        let mut next = pieces.iter().cycle();
        let mut piece = || next.next().expect("a piece of the document").clone();
        let mut item = Map::new();
        let properties = self.schema["properties"].as_object().expect("an object's schema");
        for (name, schema) in properties {
            let inner = schema["properties"].as_object();
            let value = match inner {
                Some(inner) if name == "domains" => {
                    let nth = self.title.len() % inner.len();
                    let each =
                        inner.keys().enumerate().map(|(i, key)| (key.clone(), json!(i == nth)));
                    Value::Object(each.collect())
                }
                Some(inner) => {
                    let mut text =
                        |key: &String| if key == "none" { none(&self.language) } else { piece() };
                    inner.keys().map(|key| (key.clone(), json!(text(key)))).collect()
                }
                None if name == "secret" => {
                    let record = item["record"].as_str().expect("a record before its secret");
                    let words: Vec<&str> = record.split_whitespace().take(3).collect();
                    json!(words.join(" "))
                }
                None => json!([vec![piece()], self.tokens(name)].concat().join(" ")),
            };
            item.insert(name.clone(), value);
        }
        item
    }

    /// What the request says that a field must hold.
    fn tokens(&self, name: &str) -> Vec<String> {
        let line = self.prompt.lines().find(|line| line.starts_with(&format!("- \"{name}\": ")));
        let held =
            line.and_then(|line| line.split_once(" It holds ")?.1.split_once(", exactly so"));
        held.map_or_else(Vec::new, |(held, _)| held.split(" and ").map(str::to_owned).collect())
    }
}

/// "None of the above" in a language.
fn none(language: &str) -> String {
    let text = match language {
        "Spanish" => "Ninguna de las anteriores",
        "Swahili" => "Hakuna kati ya yaliyotajwa hapo juu",
        "Arabic" => "لا شيء مما سبق",
        _ => "None of the above",
    };
    text.to_owned()
}

/// The text between the marks of this name.
pub fn fenced(prompt: &str, name: &str) -> Option<String> {
    let (before, after) = prompt.split_once(&format!(" begins: {name}]\n"))?;
    let mark = &before[before.rfind('[')? + 1..];
    let (text, _) = after.split_once(&format!("\n[{mark} ends: {name}]"))?;
    Some(text.to_owned())
}

/// Pieces of a document, all different: its sentences, then their halves.
fn pieces(document: &str) -> Vec<String> {
    // The title stands above the text, and perhaps in it.
    let (title, text) = document.split_once('\n').unwrap_or(("", document));
    let ends = ['.', '!', '?', '。', '！', '？', '।', '؟', '\n'];
    let sentences: Vec<&str> =
        text.split(ends).map(str::trim).filter(|s| s.chars().count() > 11).collect();
    let half = |sentence: &str, first: bool| {
        let words: Vec<&str> = sentence.split_whitespace().collect();
        let (one, two) = words.split_at(words.len() / 2);
        if first { one.join(" ") } else { two.join(" ") }
    };
    let mut pieces: Vec<String> = sentences.iter().map(|s| (*s).to_owned()).collect();
    pieces.extend(sentences.iter().map(|s| half(s, true)).filter(|half| half.len() > 11));
    pieces.extend(sentences.iter().map(|s| half(s, false)).filter(|half| half.len() > 11));
    let mut seen = std::collections::HashSet::new();
    let part_of_title =
        |piece: &str| !title.is_empty() && (title.contains(piece) || piece.contains(title));
    pieces.retain(|piece| !part_of_title(piece) && seen.insert(piece.to_lowercase()));
    pieces
}
