//! A look as a manifest: what was found as it is read, what is doubtful as comments.

use std::fmt::Write;

use clinic_core::dataset::{FileEntry, Values};
use toml_edit::{Array, InlineTable, Table, Value, value};

use super::{Found, Look};

/// The manifest's text.
pub(super) fn manifest(look: &Look, name: &str, origin: Option<&str>) -> String {
    let mut text = String::from(
        "# Which file and which column is what, as `clinic data import` found it. Correct it by\n\
         # hand, then lock it again: clinic data lock THIS-FILE\n\n",
    );
    let mut head = Table::new();
    head["name"] = value(name);
    head["only_named"] = value(true);
    if let Some(origin) = origin {
        head["origin"] = value(origin);
    }
    text.push_str(&head.to_string());
    for found in &look.found {
        let _ = write!(text, "\n# {}\n", comment(&found.reasons));
        for doubt in &found.doubts {
            let _ = writeln!(text, "# note: {}", plain(doubt));
        }
        text.push_str(&entry(found));
    }
    for found in &look.doubtful {
        let _ =
            write!(text, "\n# doubtful: {}; {}\n", comment(&found.reasons), comment(&found.doubts));
        for line in entry(found).lines() {
            let _ = writeln!(text, "# {line}");
        }
    }
    for name in &look.missing {
        let _ = write!(text, "\n# missing: {}\n# [files.{name}]\n# path = \"…\"\n", plain(name));
    }
    text
}

fn comment(parts: &[String]) -> String {
    plain(&parts.join("; "))
}

/// Foreign names must not end a comment.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn entry(found: &Found) -> String {
    let FileEntry {
        path,
        member,
        format,
        delimiter,
        sha256,
        rows,
        language,
        text,
        id,
        domains,
        source,
        languages,
        references,
    } = &found.entry;
    let mut table = Table::new();
    let mut put = |key: &str, text: &Option<String>| {
        if let Some(text) = text {
            table[key] = value(text);
        }
    };
    put("path", &Some(path.clone()));
    put("member", member);
    put("format", &format.map(|format| format.name().to_owned()));
    put("delimiter", &delimiter.map(String::from));
    put("sha256", sha256);
    put("language", language);
    put("text", text);
    put("id", id);
    put("domains", domains);
    put("source", source);
    if !rows.is_empty() {
        let mut inline = InlineTable::new();
        for (header, values) in rows {
            let one = match values {
                Values::One(value) => Value::from(value),
                Values::Several(values) => Value::Array(values.iter().collect::<Array>()),
            };
            inline.insert(header, one);
        }
        table["rows"] = value(inline);
    }
    for (key, map) in [("languages", languages), ("references", references)] {
        if !map.is_empty() {
            table[key] = value(map.iter().collect::<InlineTable>());
        }
    }
    let mut name = Table::new();
    name.set_implicit(true);
    let mut files = Table::new();
    files.set_implicit(true);
    files.insert(&found.name, toml_edit::Item::Table(table));
    name.insert("files", toml_edit::Item::Table(files));
    toml_edit::DocumentMut::from(name).to_string()
}
