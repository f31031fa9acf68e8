//! From a reply to the fields of an item: all of them, whole, and nothing else.

use clinic_core::exchange::{Finish, Reply};
use clinic_core::plain::{is_visible, revealed};
use clinic_core::reply;
use serde_json::{Map, Value, json};
use unicode_normalization::UnicodeNormalization;

use super::fault::{Fault, Sort};
use crate::Domain;
use crate::recipe::{FieldKind, Recipe, carries_letter};

/// Names of the wrong options in a reply; models that are held to a grammar write no lists.
const WRONG: [&str; 3] = ["wrong_1", "wrong_2", "wrong_3"];

/// The longest text that grammars of models in this process take.
const LONGEST: usize = 1_900;

/// The schema of a reply: all fields of the recipe, and the domains where they are asked for.
pub(super) fn schema(recipe: &Recipe, domains: bool) -> Value {
    let text = |most: usize| json!({"type": "string", "maxLength": most.min(LONGEST)});
    let mut properties = Map::new();
    for field in &recipe.fields {
        let value = match right(field.kind) {
            None => text(field.most),
            Some(right) => {
                let names = std::iter::once(right).chain(WRONG);
                object(names.map(|name| (name.to_owned(), text(field.most))).collect())
            }
        };
        properties.insert(field.name.clone(), value);
    }
    if domains {
        let each = Domain::ALL.map(|domain| (domain.name().to_owned(), json!({"type": "boolean"})));
        properties.insert(DOMAINS.to_owned(), object(each.into_iter().collect()));
    }
    object(properties)
}

/// The key of the domains in a reply.
pub(super) const DOMAINS: &str = "domains";

fn object(properties: Map<String, Value>) -> Value {
    let required: Vec<&String> = properties.keys().collect();
    json!({
        "type": "object", "required": required, "properties": properties,
        "additionalProperties": false,
    })
}

/// The key of the right option in a reply.
fn right(kind: FieldKind) -> Option<&'static str> {
    match kind {
        FieldKind::Text => None,
        FieldKind::Options => Some("right"),
        FieldKind::NoneRight => Some("none"),
    }
}

/// Fields in the form of a reply, to show an item to a model.
pub(super) fn shown(recipe: &Recipe, fields: &Map<String, Value>) -> Value {
    let form = |(name, value): (&String, &Value)| {
        let field = recipe.fields.iter().find(|field| field.name == *name);
        let Some(right) = field.and_then(|field| right(field.kind)) else {
            return (name.clone(), value.clone());
        };
        let mut options = Map::from_iter([(right.to_owned(), value[right].clone())]);
        for (i, name) in WRONG.into_iter().enumerate() {
            options.insert(name.to_owned(), value["wrong"][i].clone());
        }
        (name.clone(), Value::Object(options))
    };
    Value::Object(fields.iter().map(form).collect())
}

/// What a reply holds.
pub(super) struct Read {
    /// The recipe's fields, as the store keeps them.
    pub fields: Map<String, Value>,
    /// The domains, where they were asked for.
    pub domains: Vec<Domain>,
}

/// Reads a reply, or says what is wrong with it.
pub(super) fn read(recipe: &Recipe, domains: bool, reply: &Reply) -> Result<Read, Fault> {
    match reply.finish {
        Finish::Filtered => return Err(Sort::Filtered.with("the provider held it back")),
        Finish::Length => {
            return Err(Sort::CutOff.with("it was too long and was cut off; write less"));
        }
        Finish::Stop => {}
    }
    if reply.text.trim().is_empty() {
        return Err(Sort::Empty.with("it was empty"));
    }
    let Some(said) = reply::object::<Map<String, Value>>(&reply.text) else {
        return Err(Sort::NoObject.with("it was not one JSON object alone"));
    };
    let mut fields = Map::new();
    for field in &recipe.fields {
        let value = &said.get(&field.name).unwrap_or(&Value::Null);
        let value = match right(field.kind) {
            None => Value::from(text(value, &field.name, false)?),
            Some(right) => {
                only(value, std::iter::once(right).chain(WRONG), &field.name)?;
                let option = |name: &str| {
                    text(&value[name], &format!("{}.{name}", field.name), true).map(Value::from)
                };
                let wrong = WRONG.map(option);
                let [first, second, third] = wrong;
                json!({ right: option(right)?, "wrong": [first?, second?, third?] })
            }
        };
        fields.insert(field.name.clone(), value);
    }
    let known = recipe.fields.iter().map(|field| field.name.as_str());
    only(&Value::Object(said.clone()), known.chain(domains.then_some(DOMAINS)), "the object")?;
    let domains = if domains { domains_of(&said)? } else { Vec::new() };
    Ok(Read { fields, domains })
}

/// A text that a reader sees: in NFC, without characters that only a model sees, an option on one
/// line.
fn text(value: &Value, name: &str, line: bool) -> Result<String, Fault> {
    let Some(text) = value.as_str() else {
        return Err(Sort::Half.with(format!("{name} is missing or no text")));
    };
    let text = revealed(&text.replace("\r\n", "\n").nfc().collect::<String>());
    if !is_visible(&text) {
        return Err(Sort::Half.with(format!("{name} is empty")));
    }
    let text = match line {
        true => text.split_whitespace().collect::<Vec<_>>().join(" "),
        false => text.trim().to_owned(),
    };
    if line && carries_letter(&text) {
        let what = format!("{name} carries a letter or number; write the option without one");
        return Err(Sort::Options.with(what));
    }
    Ok(text)
}

/// Refuses keys that were not asked for.
fn only<'a>(
    value: &Value,
    known: impl IntoIterator<Item = &'a str>,
    name: &str,
) -> Result<(), Fault> {
    let Some(object) = value.as_object() else {
        return Err(Sort::Half.with(format!("{name} is missing or no object")));
    };
    let known: Vec<&str> = known.into_iter().collect();
    match object.keys().all(|key| known.contains(&key.as_str())) {
        true => Ok(()),
        false => {
            let known = known.join(", ");
            Err(Sort::Rule.with(format!("{name} has other keys than {known}")))
        }
    }
}

fn domains_of(said: &Map<String, Value>) -> Result<Vec<Domain>, Fault> {
    let value = said.get(DOMAINS).unwrap_or(&Value::Null);
    only(value, Domain::ALL.map(Domain::name), DOMAINS)?;
    let of = |domain: &Domain| value[domain.name()] == true;
    let domains: Vec<Domain> = Domain::ALL.into_iter().filter(of).collect();
    match domains.is_empty() {
        true => Err(Sort::Half.with("none of the domains is true; at least one is")),
        false => Ok(domains),
    }
}
