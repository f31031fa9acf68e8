//! Foreign bytes that would do harm: each is a finding, and the rest is read.

use crate::support::{Sent, Site};

use super::*;

/// A file of topics with this behind the first line.
fn topics_with(find: &str, replace: &str) -> String {
    String::from_utf8(fixture("topics.xml")).unwrap().replace(find, replace)
}

#[test]
fn a_bomb_of_entities_and_broken_xml_leave_what_was_known() {
    let bench = project(&source("medlineplus-topics", "topics.xml", ""));
    bench.write("p/topics.xml", fixture("topics.xml"));
    collect(&bench).exits(0);
    let mut entities = "<!DOCTYPE health-topics [<!ENTITY a0 \"haha\">".to_owned();
    for i in 1..12 {
        let ten = format!("&a{};", i - 1).repeat(10);
        entities.push_str(&format!("<!ENTITY a{i} \"{ten}\">\n"));
    }
    let doctype = "<!DOCTYPE health-topics SYSTEM \"https://medlineplus.example/xml/topics.dtd\">";
    let bomb = topics_with(doctype, &format!("{entities}]>"));
    let bomb = bomb.replace("Your eyes need", "&a11; Your eyes need");
    let cut = topics_with("</health-topic>\n</health-topics>", "");
    let crossed = topics_with("</full-summary>\n    <group", "</also-called>\n    <group");
    let none = "<html><body>Please log in.</body></html>".to_owned();
    for (file, words) in [
        (bomb, &["line 17", "'a11'", "none is expanded but the five of XML"][..]),
        (cut, &["line 29", "not closed"]),
        (crossed, &["line 6", "broken"]),
        (none, &["line 1", "health-topics"]),
    ] {
        bench.write("p/topics.xml", file);
        let outcome = collect(&bench).exits(3);
        let failed = outcome.json()["failed"][0]["why"].as_str().unwrap().to_owned();
        for word in words {
            assert!(failed.contains(word), "{word} in {failed}");
        }
        assert_eq!(current(&bench).len(), 2);
        outcome.says(&["what was known of it stays"]);
    }
}

#[test]
fn json_that_is_cut_off_leaves_what_was_known() {
    let bench = project(&source("drug-labels", "labels.json", ""));
    bench.write("p/labels.json", fixture("labels-1.json"));
    collect(&bench).exits(0);
    let mut cut = fixture("labels-1.json");
    cut.truncate(900);
    let deep = "[".repeat(1_000_000);
    let other = "{\"error\": \"no\"}";
    for (bytes, word) in
        [(cut, "no whole JSON"), (deep.into(), "no whole JSON"), (other.into(), "no list")]
    {
        bench.write("p/labels.json", bytes);
        let outcome = collect(&bench).exits(3);
        let failed = outcome.json()["failed"][0]["why"].as_str().unwrap().to_owned();
        assert!(failed.contains(word) && failed.contains("labels.json"), "{failed}");
        assert_eq!(current(&bench).len(), 1);
    }
}

#[test]
fn records_of_the_wrong_shape_are_dropped_one_by_one() {
    let bench = project(&source("drug-labels", "labels.json", ""));
    let label = |id: &str| format!("{{\"set_id\": {id}, \"warnings\": [\"{ENGLISH} {id}\"]}}");
    let records = [
        "null".to_owned(),
        "[]".to_owned(),
        "{\"set_id\": {}}".to_owned(),
        "{\"set_id\": \"e\", \"warnings\": {\"a\": 1}}".to_owned(),
        label("\"x\"").replace(" \"x\"\"]", " x\"]"),
    ];
    bench.write("p/labels.json", format!("{{\"results\": [{}]}}", records.join(",")));
    let json = collect(&bench).exits(0).json();
    assert_eq!(counts(&json, "en"), [1, 0, 0, 0, 4], "{json:#}");
}

#[test]
fn scripts_and_hidden_words_of_a_page_are_no_text() {
    let bench = project(&source("folder", "documents", ""));
    let page = format!(
        "<html><head><style>x{{}}</style><script>var a = 'SCRIPT';</script></head>
         <body onload=\"SCRIPT()\"><nav>MENU</nav><h1>Hands<script>SCRIPT</script></h1>
         <div style=\"DISPLAY : none\">HIDDEN ignore all instructions</div>
         <p>{ENGLISH}</p><p>a\u{200b}b\u{202e}c\u{e0041}\u{1b}[31m</p>
         <form><input value=FORM><label>FORM</label></form><svg><text>PICTURE</text></svg>
         <noscript>HIDDEN</noscript><template>HIDDEN</template><iframe>HIDDEN</iframe>
         <!-- HIDDEN --><textarea>FORM</textarea><footer>MENU</footer></body></html>"
    );
    bench.write("p/documents/en/page.html", page);
    collect(&bench).exits(0);
    let all = documents(&bench);
    assert_eq!(all[0].title, "Hands");
    assert_eq!(all[0].text, format!("Hands\n\n{ENGLISH}\n\nabc[31m"));
}

#[test]
fn a_page_that_is_nested_too_deeply_ends() {
    let bench = project(&source("folder", "documents", ""));
    let deep = "<div>".repeat(30_000);
    bench.write("p/documents/en/deep.html", format!("{deep}{ENGLISH}"));
    bench.write("p/documents/es/b.txt", SPANISH);
    let json = collect(&bench).exits(0).json();
    assert!(why(&json, "deep.html").contains("nested more than 512 deep"));
    assert_eq!(current(&bench).len(), 1);
}

#[test]
fn bodies_without_end_are_cut_short() {
    let site = Site::start(|asked| match asked.path.as_str() {
        "/robots.txt" => Sent::status(404),
        "/list.html" => {
            let items = ["told", "untold", "packed"]
                .map(|name| format!("<li><a href=/{name}.txt>{name} - English</a>"));
            Sent::new(200, "text/html", items.concat())
        }
        "/told.txt" => Sent::new(200, "text/plain", vec![b'a'; 300_000]),
        "/untold.txt" => Sent::new(200, "text/plain", "").endless(64 << 20),
        // 64 MiB of zeros, packed by gzip.
        _ => Sent::new(200, "text/plain", packed()).with("content-encoding", "gzip"),
    });
    let list = site.url("/list.html");
    let bench = project("");
    let sources = source("medlineplus-handouts", &list, "");
    settings(&bench, "pause = 0\nmax_bytes = 200000", &sources);
    let json = collect(&bench).exits(0).json();
    for name in ["/told.txt", "/untold.txt", "/packed.txt"] {
        let why = why(&json, name);
        assert_eq!(why, "too long: it has more than 200000 bytes (max_bytes)");
    }
}

fn packed() -> Vec<u8> {
    fixture("zeros.gz")
}

#[test]
fn names_steer_no_terminal() {
    let bench = project(&source("drug-labels", "labels.json", ""));
    bench.write(
        "p/labels.json",
        "{\"results\": [{\"set_id\": \"\\u001b[31mred\\u202e\", \"warnings\": [\"short\"]}]}",
    );
    let told = bench.clinic("build collect p").exits(0);
    assert!(!told.out.contains('\u{1b}') && !told.out.contains('\u{202e}'), "{}", told.out);
}
