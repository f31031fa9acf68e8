//! Manners towards servers, and what is not fetched twice.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::{Asked, Bench, Sent, Site, until};

use super::*;

/// A list of `n` English handouts.
fn list(n: usize) -> Sent {
    let items: String =
        (0..n).map(|i| format!("<li><a href=/h/{i}.txt>No {i} - English</a>")).collect();
    Sent::new(200, "text/html", format!("<ul>{items}</ul>"))
}

fn handout(asked: &Asked) -> Sent {
    Sent::new(200, "text/plain", format!("{ENGLISH} This is {}.", asked.path))
}

fn handouts(site: &Site) -> Bench {
    project(&source("medlineplus-handouts", &site.url("/list.html"), ""))
}

#[test]
fn what_has_not_changed_is_not_sent_again() {
    let newer = Arc::new(AtomicBool::new(false));
    let is_newer = newer.clone();
    let site = Site::start(move |asked| {
        let known = asked.headers.get("if-none-match").map(String::as_str);
        match asked.path.as_str() {
            "/robots.txt" => Sent::status(404),
            "/list.html" if asked.headers.contains_key("if-modified-since") => Sent::status(304),
            "/list.html" => list(2).with("last-modified", "Fri, 20 Nov 2026 10:00:00 GMT"),
            "/h/1.txt" if is_newer.load(SeqCst) => {
                Sent::new(200, "text/plain", format!("{ENGLISH} It is new.")).with("etag", "\"2\"")
            }
            _ if known == Some("\"1\"") => Sent::status(304),
            _ => handout(asked).with("etag", "\"1\""),
        }
    });
    let bench = handouts(&site);
    assert_eq!(counts(&collect(&bench).exits(0).json(), "en"), [2, 0, 0, 0, 0]);
    assert_eq!(counts(&collect(&bench).exits(0).json(), "en"), [0, 0, 2, 0, 0]);
    let asked = site.asked();
    assert_eq!(asked[7].headers["if-none-match"], "\"1\"");
    assert_eq!(asked[5].headers["if-modified-since"], "Fri, 20 Nov 2026 10:00:00 GMT");
    newer.store(true, SeqCst);
    assert_eq!(counts(&collect(&bench).exits(0).json(), "en"), [0, 1, 1, 0, 0]);
    // A cache that was damaged or thrown away is filled again.
    std::fs::remove_dir_all(bench.path("p/cache")).unwrap();
    assert_eq!(counts(&collect(&bench).exits(0).json(), "en"), [0, 0, 2, 0, 0]);
}

#[test]
fn a_busy_server_is_asked_again_when_it_says() {
    let times = AtomicUsize::new(0);
    let site = Site::start(move |asked| match asked.path.as_str() {
        "/robots.txt" => Sent::status(404),
        "/list.html" => list(1),
        _ if times.fetch_add(1, SeqCst) == 0 => Sent::status(429).with("retry-after", "1"),
        _ => handout(asked),
    });
    let bench = handouts(&site);
    collect(&bench).exits(0);
    let asked = site.asked();
    assert_eq!(asked.len(), 4);
    assert!(asked[3].at - asked[2].at >= Duration::from_secs(1));
}

#[test]
fn a_server_that_stays_busy_loses_nothing_that_is_known() {
    let ill = Arc::new(AtomicBool::new(false));
    let is_ill = ill.clone();
    let site = Site::start(move |asked| match asked.path.as_str() {
        "/robots.txt" => Sent::status(404),
        "/list.html" => list(2),
        "/h/0.txt" if is_ill.load(SeqCst) => Sent::status(503),
        "/h/1.txt" if is_ill.load(SeqCst) => Sent::status(429).with("retry-after", "86400"),
        _ => handout(asked),
    });
    let bench = handouts(&site);
    collect(&bench).exits(0);
    ill.store(true, SeqCst);
    let before = site.asked().len();
    let json = collect(&bench).exits(3).says(&["2 documents could not be fetched"]).json();
    assert_eq!(current(&bench).len(), 2, "{json:#}");
    assert_eq!(counts(&json, "en"), [0, 0, 0, 0, 2]);
    assert!(why(&json, "0.txt").contains("503 Service Unavailable, 4 times"), "{json:#}");
    assert!(why(&json, "1.txt").contains("asks to wait 86400 s"), "{json:#}");
    assert_eq!(site.asked().len() - before, 2 + 4 + 1);
}

#[test]
fn the_pause_and_the_crawl_delay_are_kept() {
    for (robots, pause) in [("", "0.3"), ("User-agent: clinic\nCrawl-delay: 0.3", "0")] {
        let site = Site::start(move |asked| match asked.path.as_str() {
            "/robots.txt" => Sent::new(200, "text/plain", robots),
            "/list.html" => list(3),
            _ => handout(asked),
        });
        let bench = handouts(&site);
        let sources = source("medlineplus-handouts", &site.url("/list.html"), "");
        settings(&bench, &format!("pause = {pause}"), &sources);
        collect(&bench).exits(0);
        let asked = site.asked();
        assert_eq!(asked.len(), 5);
        for two in asked[1..].windows(2) {
            assert!(two[1].at - two[0].at >= Duration::from_millis(300), "{asked:?}");
        }
    }
}

#[test]
fn without_a_word_from_robots_txt_nothing_is_asked() {
    let site = Site::start(|_| Sent::status(500));
    let bench = handouts(&site);
    let outcome = collect(&bench).exits(3);
    assert!(outcome.json()["failed"][0]["why"].as_str().unwrap().contains("robots.txt"));
    assert!(site.paths().iter().all(|path| path == "/robots.txt"));
}

#[test]
fn redirects_end_and_the_new_server_is_asked_for_its_rules() {
    let other = Site::start(|asked| match asked.path.as_str() {
        "/robots.txt" => Sent::new(200, "text/plain", "User-agent: *\nDisallow: /h/1"),
        _ => handout(asked),
    });
    let to = other.url("");
    let site = Site::start(move |asked| match asked.path.as_str() {
        "/robots.txt" => Sent::status(404),
        "/list.html" => list(4),
        "/h/2.txt" => Sent::status(301).with("location", "/h/2.txt"),
        "/h/3.txt" => Sent::status(302).with("location", "file:///etc/passwd"),
        path => Sent::status(302).with("location", &format!("{to}{path}")),
    });
    let bench = handouts(&site);
    let json = collect(&bench).exits(3).json();
    assert_eq!(current(&bench).len(), 1, "{json:#}");
    assert!(why(&json, "1.txt").starts_with("forbidden by robots.txt"), "{json:#}");
    assert!(why(&json, "2.txt").contains("redirected more than 5 times"), "{json:#}");
    assert!(why(&json, "3.txt").contains("neither http nor https"), "{json:#}");
    assert_eq!(other.paths(), ["/robots.txt", "/h/0.txt"]);
}

#[test]
fn offline_nothing_is_asked_and_files_are_read() {
    let site = Site::start(handout);
    let sources = format!(
        "{}{}",
        source("medlineplus-handouts", &site.url("/list.html"), ""),
        source("folder", "documents", "").replace("\"src\"", "\"own\"")
    );
    let bench = project(&sources);
    bench.write("p/documents/en/a.txt", ENGLISH);
    let outcome = bench.clinic("--offline build collect p").exits(3);
    let outcome = outcome.says(&["source src could not be read", "--offline"]);
    assert!(outcome.out.contains("own"), "{}", outcome.out);
    assert_eq!(current(&bench).len(), 1);
    assert!(site.asked().is_empty());
}

#[test]
fn a_kill_and_a_stop_lose_nothing_and_the_next_run_goes_on() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    let site = Site::start(move |asked| match asked.path.as_str() {
        "/robots.txt" => Sent::status(404),
        "/list.html" => list(120),
        _ if asked.headers.contains_key("if-none-match") => Sent::status(304),
        path => {
            log.lock().unwrap().push(path.to_owned());
            std::thread::sleep(Duration::from_millis(20));
            handout(asked).with("etag", "\"1\"")
        }
    });
    let bench = handouts(&site);
    for moment in [7, 19] {
        let run = bench.start("build collect p");
        until("some handouts", || seen.lock().unwrap().len() >= moment);
        run.kill();
        // Whatever the moment, what is there can be read.
        assert!(documents(&bench).iter().all(|doc| doc.text.contains("Wash your hands")));
    }
    let run = bench.start("build collect p");
    until("some handouts", || seen.lock().unwrap().len() >= 30);
    run.signal("INT");
    run.end().exits(130).says(&["stopped, everything saved", "clinic build collect p"]);
    let before = current(&bench).len();
    assert!((25..120).contains(&before), "{before}");
    collect(&bench).exits(0);
    assert_eq!(current(&bench).len(), 120);
    // Each was sent once, but for those that a kill caught on their way.
    let sent = seen.lock().unwrap().len();
    assert!((120..=123).contains(&sent), "{sent}");
}
