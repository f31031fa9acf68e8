//! `clinic build review` from outside a browser: whose page it is, what is kept, what is refused.

use crate::support::{Bench, Page, Reviewed, Table, status, warning};

/// The answer to `GET` as a form's hidden fields: item, language, digest.
fn hidden(html: &str) -> String {
    let value = |name: &str| {
        let after = html.split(&format!("name=\"{name}\" value=\"")).nth(1);
        after.unwrap_or_else(|| panic!("no {name} in {html}")).split('"').next().unwrap().to_owned()
    };
    format!("item={}&language={}&digest={}", value("item"), value("language"), value("digest"))
}

/// A form with one mark for every criterion.
fn form(html: &str, mark: u8, more: &str) -> String {
    let criteria = ["correct", "fits", "language", "same"];
    let marks: String = criteria
        .into_iter()
        .filter(|name| html.contains(&format!("name=\"mark-{name}\"")))
        .map(|name| format!("&mark-{name}={mark}"))
        .collect();
    format!("{}{marks}{more}", hidden(html))
}

/// Rates what waits on a page and gives the answer.
fn rate(page: &Page, mark: u8, more: &str) -> String {
    let body = form(&page.get(""), mark, more);
    page.post_to("rate", page.origin(), &body)
}

#[test]
fn each_sees_their_own_queue_and_nothing_of_others() {
    let set = Reviewed::of(2);
    let desk = set.desk("ana,ben:es");
    let [ana, ben] = &desk.pages[..] else { panic!() };
    assert_ne!(ana.address, ben.address);
    let home = ana.get("");
    assert_eq!(status(&home), 200);
    assert!(home.contains("0 done, 6 to go"), "{home}");
    assert!(ben.get("").contains("0 done, 2 to go"), "only his languages");
    for header in ["content-security-policy: default-src 'none'; ", "cache-control: no-store"] {
        assert!(home.contains(header), "{header} is not in {home}");
    }
    // What ana says is nowhere on ben's pages, whatever he asks for.
    for comment in ["&comment=a-word-of-ana&unsafe=yes", "", ""] {
        assert_eq!(status(&rate(ana, 3, comment)), 303);
    }
    let ask =
        |page: &Page, language: &str| page.get(&format!("?item=honesty-0&language={language}"));
    let (mine, his) = (ana.get("mine"), [ben.get(""), ben.get("mine"), ask(ben, "es")].concat());
    assert!(mine.contains("a-word-of-ana") && mine.contains("correct 3"), "{mine}");
    for word in
        ["a-word-of-ana", ">ana<", "correct 3", "identity-of-the-writer", "hash-of-the-prompt"]
    {
        assert!(!his.contains(word), "{word} is in {his}");
    }
    assert!(!ask(ana, "es").contains("identity-of-the-writer"));
    assert_eq!(status(&ask(ben, "es")), 200);
    for language in ["en", "ar", "xx", ""] {
        assert_eq!(status(&ask(ben, language)), 404, "{language}");
    }
    // Where one token begins, no other page opens.
    let token = |page: &Page| page.address.rsplit('/').nth(1).unwrap().to_owned();
    let mixed = format!("{}{}", &token(ana)[..16], &token(ben)[16..]);
    let other =
        ana.send(&format!("GET /{mixed}/ HTTP/1.1\r\nHost: {{host}}\r\nConnection: close\r\n\r\n"));
    assert_eq!(status(&other), 404);
}

#[test]
fn a_form_is_kept_only_where_it_is_ours_whole_and_of_the_text_as_it_is() {
    let set = Reviewed::of(1);
    let desk = set.desk("ana:es");
    let page = &desk.pages[0];
    let html = page.get("");
    let good = form(&html, 5, "");
    for origin in ["http://evil.example", "null", ""] {
        assert_eq!(status(&page.post_to("rate", origin, &good)), 403, "{origin}");
    }
    let long = format!("{good}&comment={}", "x".repeat(4_001));
    for (body, expected, words) in [
        (good.replace("mark-fits=5", ""), 400, "Rate 'fits' from 1 to 5"),
        (good.replace("mark-fits=5", "mark-fits=6"), 400, "Rate 'fits' from 1 to 5"),
        (good.replace("mark-fits=5", "mark-fits=0"), 400, "Rate 'fits' from 1 to 5"),
        (good.replace("mark-fits=5", "mark-fits=4.5"), 400, "Rate 'fits' from 1 to 5"),
        (good.replace("item=honesty-0", "item=x"), 409, "Nothing was saved"),
        (good.replace("language=es", "language=ar"), 409, "Nothing was saved"),
        (good.replace("digest=", "digest=0"), 409, "the text has changed"),
        (good.replace("digest=", "digest=0&comment=my%20words"), 409, "my words"),
        (long, 400, "up to 4000 characters"),
        (format!("{good}&comment={}", "x".repeat(1 << 20)), 413, "too long"),
        (String::new(), 409, "Nothing was saved"),
    ] {
        let answer = page.post_to("rate", page.origin(), &body);
        assert_eq!(status(&answer), expected, "{answer}");
        let words = words.replace('\'', "&#39;");
        let answer = answer.replace('\'', "&#39;");
        assert!(answer.contains(&words), "{words} is not in {answer}");
    }
    assert!(set.rows().is_empty());
    assert_eq!(status(&page.post_to("mark", page.origin(), &good)), 404);
    // Meanwhile the checks have blocked it.
    let id = set.project.store().items(None).unwrap()[0].id;
    let mut block = warning(id, "es", "x", "");
    block.level = clinic_build::store::Level::Block;
    set.find(&[block]);
    let answer = page.post_to("rate", page.origin(), &format!("{good}&comment=my%20words"));
    assert_eq!(status(&answer), 409);
    assert!(answer.contains("checks have blocked this text") && answer.contains("my words"));
    assert!(page.get("").contains("Nothing waits for you"));
    set.find(&[]);
    assert_eq!(status(&page.post_to("rate", page.origin(), &good)), 303);
    assert_eq!(set.rows(), ["ana honesty-0 es 5555"]);
}

#[test]
fn who_stops_halfway_goes_on_there_and_may_change_what_was_said() {
    let set = Reviewed::of(3);
    let desk = set.desk("ana:es");
    rate(&desk.pages[0], 5, "&comment=first");
    rate(&desk.pages[0], 4, "&do=skip&unsafe=yes");
    desk.kill();
    let desk = set.desk("ana:es");
    let page = &desk.pages[0];
    assert!(page.get("").contains("2 done, 1 to go"));
    let said = set.rows();
    let first = said[0].split(' ').nth(1).unwrap();
    let back = page.get(&format!("?item={first}&language=es"));
    assert!(back.contains("value=\"5\" required checked") && back.contains(">first</textarea>"));
    let body = form(&back, 2, "&unsafe=yes");
    assert_eq!(status(&page.post_to("rate", page.origin(), &body)), 303);
    let expected = [
        format!("ana {first} es 5555 first"),
        said[1].clone(),
        format!("ana {first} es 2222 unsafe"),
    ];
    assert_eq!(set.rows(), expected, "what was said before is kept");
    assert!(said[1].ends_with(" es skipped"), "{said:?}");
    assert!(page.get("").contains("2 done, 1 to go"));
    assert!(page.get("mine").contains("unsafe"));
}

#[test]
fn two_who_disagree_are_joined_by_a_third_and_the_majority_decides() {
    let set = Reviewed::of(1);
    let desk = set.desk("ana:es,ben:es,cleo:es");
    let [ana, ben, cleo] = &desk.pages[..] else { panic!() };
    let spanish = || set.standings().remove(2);
    rate(ana, 5, "");
    rate(ben, 3, "");
    assert_eq!(spanish(), "honesty-0 es disputed");
    rate(cleo, 4, "");
    assert_eq!(spanish(), "honesty-0 es included");
    let told = set.bench.clinic("build review set --agreement").exits(0).out;
    for words in ["Spanish", "all: include", "Cohen κ", "Fleiss κ", "α"] {
        assert!(told.contains(words), "{words} is not in {told}");
    }
    assert!(told.lines().all(|line| line.chars().count() <= 80), "{told}");
    let json = set.bench.clinic("build review set --agreement --json").exits(0).json();
    assert_eq!(json["counts"]["included"], 1);
    assert_eq!(json["standings"][2]["standing"], "included");
    assert_eq!(json["agreement"][0]["people"], 2, "cleo was asked since the others disagree");
}

#[test]
fn two_people_and_a_file_at_once_and_nothing_is_lost() {
    let set = Reviewed::of(8);
    set.bench.clinic("build review set --export cleo.csv --name cleo").exits(0);
    let mut table = Table::read(&set.bench, "cleo.csv");
    (0..24).for_each(|row| table.rate(row, 5));
    set.bench.write("cleo.csv", table.bytes(b','));
    let desks = [set.desk("ana"), set.desk("ben")];
    std::thread::scope(|scope| {
        for desk in &desks {
            scope.spawn(|| {
                let page = &desk.pages[0];
                loop {
                    // What is rated by enough others meanwhile is taken all the same.
                    let html = page.get("");
                    if html.contains("Nothing waits for you") {
                        break;
                    }
                    let body = form(&html, 5, "");
                    assert_eq!(status(&page.post_to("rate", page.origin(), &body)), 303);
                }
            });
        }
        scope.spawn(|| set.bench.clinic("build review set --import cleo.csv --name cleo").exits(0));
    });
    let rows = set.rows();
    let of = |name: &str| rows.iter().filter(|row| row.starts_with(name)).count();
    assert_eq!(of("cleo"), 24, "all of the file or nothing");
    assert!(of("ana") + of("ben") >= 24 && of("ana") <= 24 && of("ben") <= 24, "{rows:?}");
    assert!(set.standings().iter().all(|line| line.ends_with("included")), "{:?}", set.standings());
}

#[test]
fn arguments_that_cannot_be_meant_are_told() {
    let set = Reviewed::of(1);
    let clinic = |line: &str| set.bench.clinic(&format!("build review {line}")).exits(2);
    clinic("set").says(&["--reviewers", "--export", "--import", "--agreement"]);
    clinic("set --reviewers ana,Ana").says(&["two reviewers are named 'Ana'"]);
    clinic("set --reviewers ana:klingon").says(&["no language is named 'klingon'"]);
    clinic("set --reviewers ana:sw").says(&["not in Swahili", "English, Spanish, Arabic"]);
    clinic("set --reviewers :es").says(&["no name of a reviewer"]);
    clinic("set --export a.csv").says(&["--name"]);
    clinic("set --export a.ods --name ana").says(&["ends in .csv or .xlsx"]);
    clinic("set --import none.csv --name ana").says(&["none.csv is not there"]);
    clinic("nowhere --agreement").says(&["holds no project"]);
    let toml = String::from_utf8(set.bench.read("set/build.toml")).unwrap();
    set.bench.write("set/build.toml", format!("{toml}[review]\nreviewers = 0\n"));
    clinic("set --reviewers ana").says(&["nobody is to review", "how many people"]);
    assert!(set.standings().len() == 3);
    let empty = Bench::new();
    empty.clinic("build review . --agreement").exits(2).says(&["holds no project"]);
}
