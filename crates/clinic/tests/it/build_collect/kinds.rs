//! The sources that publishers serve, in their documented schemas.

use crate::support::{Sent, Site};

use super::pdf::with_lines;
use super::*;

#[test]
fn topics_are_read_with_their_links_and_days() {
    let bench = project(&source("medlineplus-topics", "topics.xml", ""));
    bench.write("p/topics.xml", fixture("topics.xml"));
    let json = collect(&bench).exits(0).json();
    let all = documents(&bench);
    assert_eq!(all.len(), 2, "{json:#}");
    let english = &all[0];
    assert_eq!(english.title, "Dry Eyes & Screens");
    assert_eq!(english.address, "https://medlineplus.example/dryeyes.html");
    assert_eq!(english.dated.as_deref(), Some("2011-03-15"));
    assert_eq!(english.groups, "[\"Eyes and Vision\"]");
    assert!(english.text.starts_with("What are dry eyes?\n\nYour eyes need"), "{}", english.text);
    assert!(english.text.ends_with("\n- Blink slowly and completely."), "{}", english.text);
    assert_eq!(all[1].name, "9002");
    assert!(all.iter().all(|doc| doc.link.as_deref() == Some("9001")));
    assert!(why(&json, "short.html").starts_with("too short"));
    assert!(why(&json, "wrong.html").contains("should be Spanish and seems to be English"));
    assert!(why(&json, "again.html").ends_with("that of https://medlineplus.example/dryeyes.html"));
    // Links to other sites change often, and are no part of the document.
    let text = String::from_utf8(fixture("topics.xml")).unwrap();
    bench.write("p/topics.xml", text.replace("About tears", "All about tears"));
    assert_eq!(counts(&collect(&bench).exits(0).json(), "en")[..3], [0, 0, 1]);
    bench.write("p/topics.xml", text.replace("Blink slowly", "Blink often"));
    assert_eq!(counts(&collect(&bench).exits(0).json(), "en")[1], 1);
}

#[test]
fn handouts_of_a_list_are_fetched_and_linked_to_the_english_ones() {
    let site = Site::start(|asked| match asked.path.as_str() {
        "/robots.txt" => Sent::new(200, "text/plain", "User-agent: *\nDisallow: /private"),
        "/languages/all.html" => {
            let page = "<a href=swahili.html>Kiswahili (Swahili)</a><a href=so.html>Somali</a>";
            Sent::new(200, "text/html", page)
        }
        "/languages/swahili.html" => Sent::new(200, "text/html", fixture("swahili.html")),
        "/handouts/nets-en.pdf" => {
            let lines: Vec<&str> = ENGLISH.split(", ").collect();
            Sent::new(200, "application/pdf", with_lines(&lines))
        }
        "/handouts/nets-sw.html" => {
            Sent::new(302, "text/html", "").with("location", "/moved/nets-sw")
        }
        "/moved/nets-sw" => {
            Sent::new(200, "text/html; charset=utf-8", format!("<h1>Nyavu</h1><p>{SWAHILI}"))
        }
        "/handouts/nets-ar.html" => Sent::new(200, "text/html", format!("<h1>أ</h1>{ARABIC}")),
        _ => Sent::status(404),
    });
    let list = site.url("/languages/all.html");
    let bench = project(&source("medlineplus-handouts", &list, ""));
    let json = collect(&bench).exits(3).json();
    let english = site.url("/handouts/nets-en.pdf");
    let all = documents(&bench);
    let found: Vec<(&str, &str)> =
        all.iter().map(|doc| (doc.language.as_str(), doc.title.as_str())).collect();
    assert_eq!(found.len(), 3, "{json:#}");
    assert!(found.contains(&("sw", "Nyavu")) && found.contains(&("ar", "أ")), "{found:?}");
    assert!(all.iter().all(|doc| doc.link.as_ref() == Some(&english)), "{all:#?}");
    assert!(all.iter().all(|doc| doc.groups == "[\"Malaria\"]"));
    assert!(why(&json, "water-en.html").starts_with("forbidden by robots.txt"));
    assert!(why(&json, "gone.html").starts_with("not there: the server says 404"));
    // A foreign page may not send clinic to the machines around it.
    assert!(why(&json, "/latest").contains("on this machine or its own network"));
    let paths = site.paths();
    assert!(!paths.iter().any(|path| path.contains("private") || path.contains("both")));
    assert!(!paths.iter().any(|path| path.contains("so.html") || path.contains("mp4")));
    assert_eq!(paths.iter().filter(|path| *path == "/robots.txt").count(), 1);
    assert_eq!(site.most_at_once(), 1);
    let agent = format!("clinic/{}", env!("CARGO_PKG_VERSION"));
    assert!(site.asked().iter().all(|asked| asked.headers["user-agent"] == agent));
}

#[test]
fn a_list_on_this_machine_names_files_beside_it_and_none_elsewhere() {
    let bench = project(&source("medlineplus-handouts", "lists/sw.html", ""));
    bench.write("secret.txt", ENGLISH);
    bench.write("p/lists/en.txt", ENGLISH);
    bench.write("p/lists/sw.txt", SWAHILI);
    bench.write(
        "p/lists/sw.html",
        "<ul><li><a href=en.txt>A - English</a> <a href=sw.txt>A - Swahili</a></ul>
         <p><a href=../../secret.txt>B - English</a>
         <a href=http://127.0.0.1:1/x>C - English</a>",
    );
    let json = collect(&bench).exits(3).json();
    let link = Some("lists/en.txt".to_owned());
    let expected = [
        ("lists/en.txt".to_owned(), "en".to_owned(), link.clone()),
        ("lists/sw.txt".to_owned(), "sw".to_owned(), link),
    ];
    assert_eq!(current(&bench), expected);
    assert!(why(&json, "127.0.0.1:1/x").contains("on this machine"));
}

#[test]
fn labels_are_paged_by_the_header_and_by_skip() {
    for by_header in [true, false] {
        let site = Site::start(move |asked| match asked.path.as_str() {
            "/robots.txt" => Sent::status(404),
            path if path.contains("skip=2") || path.contains("search_after") => {
                Sent::new(200, "application/json", fixture("labels-2.json"))
            }
            path if path.starts_with("/drug/label.json") => {
                let page = Sent::new(200, "application/json", fixture("labels-1.json"));
                match by_header {
                    true => page.with("link", "</drug/label.json?search_after=9>; rel=\"next\""),
                    false => page,
                }
            }
            _ => Sent::status(404),
        });
        let search = "search = 'openfda.product_type:\"HUMAN OTC DRUG\"+AND+_exists_:warnings'";
        let bench = project(&source("drug-labels", &site.url("/drug/label.json"), search));
        let json = collect(&bench).exits(0).json();
        let all = documents(&bench);
        assert_eq!(all.len(), 2, "{json:#}");
        assert_eq!(all[0].title, "Brovantol (BROVANTINE)");
        assert_eq!(all[0].dated.as_deref(), Some("2025-02-14"));
        assert_eq!(all[0].groups, "[\"Cough suppressant [EPC]\"]");
        assert!(all[0].text.starts_with("Indications and usage\n1 INDICATIONS"));
        assert!(all[0].text.contains("\n\nWarnings\nDo not drive"));
        assert!(all[0].address.contains("search=set_id%3A%225e700000"), "{}", all[0].address);
        assert_eq!(all[1].name, "5e700000-0000-0000-0000-000000000003");
        assert!(json["dropped"][0]["why"].as_str().unwrap().contains("none of the sections"));
        let first = &site.paths()[1];
        assert!(first.contains("%22HUMAN+OTC+DRUG%22+AND+_exists_%3Awarnings"), "{first}");
        assert!(first.contains("limit=100"), "{first}");
    }
}

#[test]
fn a_search_that_finds_nothing_is_no_failure() {
    let site = Site::start(|_| Sent::status(404));
    let bench = project(&source("drug-labels", &site.url("/drug/label.json"), ""));
    assert_eq!(collect(&bench).exits(0).json()["rows"], serde_json::json!([]));
}

#[test]
fn approvals_after_a_day_are_recent_and_bring_their_labels() {
    let site = Site::start(|asked| match asked.path.as_str() {
        "/robots.txt" => Sent::status(404),
        path if path.starts_with("/drug/drugsfda.json") => {
            Sent::new(200, "application/json", fixture("approvals.json"))
        }
        path if path.contains("application_number%3A%22NDA900001%22") => {
            Sent::new(200, "application/json", fixture("labels-1.json"))
        }
        _ => Sent::status(404),
    });
    let after = "approved_after = \"2025-01-31\"";
    let bench = project(&source("drug-approvals", &site.url("/drug/drugsfda.json"), after));
    let json = collect(&bench).exits(0).json();
    let all = documents(&bench);
    assert_eq!(all.len(), 1, "{json:#}");
    let one = &all[0];
    assert_eq!((one.name.as_str(), one.title.as_str()), ("NDA900001", "BROVANTOL (BROVANTINE)"));
    assert_eq!(one.dated.as_deref(), Some("2025-07-11"));
    assert!(one.recent);
    for line in ["Sponsor: NORTHFIELD", "First approved: 2025-07-11", "Warnings\nDo not drive"] {
        assert!(one.text.contains(line), "{line} in {}", one.text);
    }
    assert_eq!(json["passed_over"][0]["documents"], 2);
    let asked = site.paths()[1].clone();
    assert!(asked.contains("submission_status_date%3A%5B20250131+TO+99991231%5D"), "{asked}");
}

#[test]
fn files_of_openfda_are_read_from_this_machine() {
    let bench = project(&source("drug-approvals", "fda/approvals.json", ""));
    bench.write("p/fda/approvals.json", fixture("approvals.json"));
    bench.write("p/fda/label.json", fixture("labels-1.json"));
    let json = collect(&bench).exits(0).json();
    let all = documents(&bench);
    assert_eq!(all.len(), 1, "{json:#}");
    assert!(!all[0].recent && all[0].text.contains("Warnings"));
    assert_eq!(all[0].address, "fda/approvals.json");
    // The old one has no label, and its facts alone are too short.
    assert_eq!(json["dropped"][0]["kind"], "too short");
}
