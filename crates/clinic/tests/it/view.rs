//! `clinic view` from outside a browser: who is let in, what is refused, and whose run it may be.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use clinic_fake::{Action, Fake, Script};

use crate::support::{Bench, JUDGED, Page, status, until};

/// A run of five items that was scored.
fn run() -> (Bench, Fake) {
    let fake = Fake::start(Script::default());
    let bench = Bench::of(5);
    bench.run("judged", &fake, "").exits(0);
    (bench, fake)
}

#[test]
fn only_this_machine_and_who_knows_the_token_are_let_in() {
    let (bench, _fake) = run();
    let page = Page::of(&bench, "run");
    assert!(page.address.starts_with("http://127.0.0.1:"), "{}", page.address);
    assert_eq!(page.address.rsplit('/').nth(1).unwrap().len(), 32);
    let home = page.get("");
    assert_eq!(status(&home), 200);
    for header in [
        "content-security-policy: default-src 'none'; style-src 'self'; script-src 'self'; \
         img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'\r\n",
        "referrer-policy: no-referrer",
        "x-content-type-options: nosniff",
        "cache-control: no-store",
        "x-frame-options: DENY",
    ] {
        assert!(home.contains(header), "{header} is not in {home}");
    }
    assert!(!home.contains("access-control-"), "no other site may read it");
    for (request, expected) in [
        ("GET / HTTP/1.1\r\nHost: {host}", 404),
        ("GET /0123456789abcdef0123456789abcdef/ HTTP/1.1\r\nHost: {host}", 404),
        ("GET /{token} HTTP/1.1\r\nHost: {host}", 404),
        ("GET /{token}/ HTTP/1.1\r\nHost: evil.example", 421),
        ("GET /{token}/ HTTP/1.1\r\nHost: {host}.evil.example", 421),
        ("GET http://evil.example/{token}/ HTTP/1.1\r\nHost: evil.example", 421),
        ("GET /{token}/../run.toml HTTP/1.1\r\nHost: {host}", 404),
        ("GET /{token}/%2e%2e/run.toml HTTP/1.1\r\nHost: {host}", 404),
        ("GET /{token}//etc/passwd HTTP/1.1\r\nHost: {host}", 404),
        ("DELETE /{token}/ HTTP/1.1\r\nHost: {host}", 405),
        ("OPTIONS /{token}/mark HTTP/1.1\r\nHost: {host}\r\nOrigin: http://evil.example", 405),
        ("nonsense", 400),
    ] {
        let answer = page.send(&format!("{request}\r\nConnection: close\r\n\r\n"));
        assert_eq!(status(&answer), expected, "{request}: {answer}");
        assert!(!answer.contains("openai/m"), "{request} tells of the run");
    }
    let host = page.origin().strip_prefix("http://").unwrap().replace("127.0.0.1", "127.0.0.2");
    assert!(TcpStream::connect(host).is_err(), "it listens at one address alone");
}

#[test]
fn parameters_that_mean_nothing_are_named() {
    let (bench, _fake) = run();
    let page = Page::of(&bench, "run");
    let long = format!("?text={}", "x".repeat(9_000));
    let huge = format!("?text={}", "x".repeat(1 << 20));
    for (path, expected, words) in [
        ("?colour=red", 400, "colour: there is no such choice"),
        ("?state=tired", 400, "no response is in a state"),
        ("?from=x", 400, "is no place in the list"),
        ("?from=-9223372036854775808:openai/m", 200, "judged, item 0"),
        ("?to=9223372036854775807:openai/m", 200, "judged, item 4"),
        ("?from=9223372036854775807:openai/m", 200, "No sample"),
        ("?model=nobody", 404, "no run here is of &#39;nobody&#39;; here are: openai/m"),
        ("?of=openai/m&sample=judged:ar:0", 404, "openai/m has no item 0 of judged in ar"),
        ("?of=openai/m&sample=judged:en:0&beside=x&with=ar", 200, "No run here is of x."),
        ("?task=x%27)%20OR%201=1--&verdict=%25", 200, "No sample is like this."),
        ("?text=%00%ff%25_%27", 200, "No sample is like this."),
        ("?text=%25", 200, "No sample is like this."),
        ("?text=ASK%204", 200, "judged, item 4"),
        ("?task=%3Cscript%3E", 200, "&lt;script&gt;"),
        (&long, 414, "too long"),
    ] {
        let answer = page.get(path);
        let words = words.replace("&#39;", "'");
        assert_eq!(status(&answer), expected, "{path}: {answer}");
        assert!(answer.contains(&words), "{words} is not in {answer}");
        assert!(!answer.contains("<script>"), "{path}");
    }
    assert!(matches!(status(&page.get(&huge)), 414 | 431), "{}", page.get(&huge));
    assert_eq!(status(&page.get("")), 200, "and it goes on");
}

/// What the list shows is what a plain reading of the store gives.
#[test]
fn filters_that_are_joined_give_what_all_of_them_give() {
    let fake = Fake::start(Script::new(|seen, _| match seen.prompt().contains("ask 2") {
        true => Action::Text(String::new()),
        false => Action::Default,
    }));
    let bench =
        Bench::with(JUDGED, "id,English,Swahili\n0,ask 0,uliza 0\n1,ask 1,uliza 1\n2,ask 2,u\n");
    bench.run("judged", &fake, "").exits(0);
    let page = Page::of(&bench, "run");
    let body = page.form(1, "opinion=wrong&comment=why");
    assert_eq!(status(&page.post(page.origin(), &body)), 303);
    let (response, score) =
        ("SELECT sample FROM responses WHERE", "SELECT sample FROM scores WHERE");
    let choices = [
        vec![("", "1".to_owned()), ("language=sw", "language = 'sw'".to_owned())],
        vec![
            ("", "1".to_owned()),
            ("state=empty", format!("id IN ({response} state = 'empty')")),
            ("state=answered", format!("id IN ({response} state = 'answered')")),
        ],
        vec![
            ("", "1".to_owned()),
            ("verdict=good", format!("id IN ({score} verdict = 'good')")),
            ("verdict=:not_scored", format!("id IN ({score} outcome LIKE '%not_scored%')")),
            ("verdict=:scored", format!("id IN ({score} outcome LIKE '%number%')")),
            ("verdict=:none", "id NOT IN (SELECT sample FROM scores)".to_owned()),
        ],
        vec![
            ("", "1".to_owned()),
            ("marks=wrong", "id IN (SELECT sample FROM marks)".to_owned()),
            ("marks=right", "0".to_owned()),
            ("marks=none", "id NOT IN (SELECT sample FROM marks)".to_owned()),
        ],
    ];
    let mut hits = 0;
    for a in &choices[0] {
        for b in &choices[1] {
            for c in &choices[2] {
                for d in &choices[3] {
                    let query = [a.0, b.0, c.0, d.0].join("&");
                    let all = [&*a.1, &b.1, &c.1, &d.1].join(" AND ");
                    let names =
                        format!("SELECT language || item FROM samples WHERE {all} ORDER BY id");
                    let html = page.get(&format!("?{query}"));
                    let found: Vec<String> = html
                        .split("<span class=\"name\"><b>")
                        .skip(1)
                        .map(|row| {
                            let language = if row.contains("</b> Swahili") { "sw" } else { "en" };
                            format!("{language}{}", row.split('<').next().unwrap())
                        })
                        .collect();
                    assert_eq!(found, bench.column(&names), "{query}");
                    hits += found.len();
                }
            }
        }
    }
    assert!(hits > 50, "{hits}");
}

#[test]
fn a_run_that_goes_on_is_read_and_marked() {
    let fake = Fake::start(Script::new(|seen, _| match seen.prompt().contains("ask 4") {
        true => Action::After(Duration::from_secs(20), Box::new(Action::Default)),
        false => Action::Default,
    }));
    let bench = Bench::of(5);
    let url = fake.base_url();
    let judge = format!("--judge openai/judge --judge-base-url {url}");
    let running = bench.start(&Bench::line("run", "judged", &fake, &judge));
    until("four scored samples", || {
        bench.path("run/run.toml").exists()
            && bench.column("SELECT name FROM scores WHERE name = 'good'").len() == 4
    });
    let page = Page::of(&bench, "run");
    let shown = page.get("?of=openai/m&sample=judged:en:4");
    assert!(shown.contains("openai/m: 1 prompts are not answered yet."), "{shown}");
    assert!(shown.contains("not asked yet") && shown.contains("Not scored yet."), "{shown}");
    let body = page.form(1, "opinion=right&comment=");
    assert_eq!(status(&page.post(page.origin(), &body)), 303);
    assert_eq!(bench.column("SELECT opinion FROM marks"), ["right"]);
    running.kill();
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_that_cannot_be_written_is_read() {
    if !crate::support::can_mount() {
        return;
    }
    let (bench, _fake) = run();
    let script = "mount --bind run run && mount -o remount,ro,bind run || exit
        clinic view run > address & page=$!
        while [ ! -e done ]; do sleep 0.05; done
        kill -s INT $page; wait $page"
        .to_owned();
    let shell = std::thread::scope(|scope| {
        let shell = scope.spawn(|| bench.shell(&[script]));
        until("an address", || {
            std::fs::read_to_string(bench.path("address")).is_ok_and(|a| a.ends_with('\n'))
        });
        let address = String::from_utf8(bench.read("address")).unwrap().trim().to_owned();
        let answer = ureq::get(format!("{address}?of=openai/m&sample=judged:en:1")).call();
        bench.write("done", "");
        let html = answer.unwrap().body_mut().read_to_string().unwrap();
        assert!(html.contains("judged, item 1, English"), "{html}");
        assert!(
            html.contains("the run cannot be written here, so that no mark can be kept"),
            "{html}"
        );
        assert!(!html.contains("name=\"opinion\""), "no form that leads nowhere");
        shell.join().unwrap()
    });
    assert_eq!(shell[0].code, Some(0), "{}", shell[0].err);
}

#[test]
fn it_ends_at_ctrl_c_and_contacts_nobody() {
    let (bench, fake) = run();
    let asked = fake.count();
    let page = Page::of(&bench, "run --offline --name Amina");
    assert_eq!(status(&page.get("")), 200);
    let port: u16 = page.origin().rsplit(':').next().unwrap().parse().unwrap();
    let done = page.end().exits(0);
    assert!(done.err.contains("until Ctrl-C"), "{}", done.err);
    assert_eq!(done.out.lines().count(), 1);
    assert_eq!(fake.count(), asked);
    // The port that is asked for, and a link of a colleague.
    let again =
        bench.start(&format!("view run --port {port} --json --open http://x/y?language=en"));
    until("an address", || again.stdout().contains('}'));
    let address = again.stdout();
    assert!(address.contains(&format!("http://127.0.0.1:{port}/")), "{address}");
    assert!(address.contains("/?language=en\""), "{address}");
    again.kill();
}

#[test]
fn what_cannot_be_viewed_is_refused_with_what_to_do() {
    let (bench, _fake) = run();
    std::os::unix::fs::symlink(bench.path("run"), bench.path("same")).unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    copy(&bench.path("run"), &bench.path("broken"));
    bench.write("broken/run.sqlite", "this is no database");
    for (line, code, words) in [
        ("", 2, "RUN"),
        ("nothing", 2, "nothing holds no run"),
        ("run run", 2, "the run run is named twice"),
        ("run same", 2, "run and same are the same run"),
        ("run broken", 1, "broken/run.sqlite: the file is damaged"),
        (&format!("run --port {port}"), 2, &format!("port {port} of 127.0.0.1 cannot be had")),
        ("run --port 0", 2, "--port"),
        ("run --open colour=red", 2, "--open cannot be read: colour"),
        ("run --name \u{1b}[2J", 2, "a name is on one line"),
    ] {
        let done = bench.clinic(&format!("view {line}")).exits(code).says(&[words]);
        assert_eq!(done.out, "", "{line}");
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()) {
        std::fs::copy(&entry, to.join(entry.file_name().unwrap())).unwrap();
    }
}

/// Pages of a list that is longer than one, forwards and backwards, over two runs.
#[test]
fn every_sample_is_on_one_page_of_the_list() {
    let fake = Fake::start(Script::default());
    let rows: String = (0..70).map(|i| format!("{i},ask {i}\n")).collect();
    let bench = Bench::with(JUDGED, &format!("id,English\n{rows}"));
    bench.generate(&fake, "").exits(0);
    copy(&bench.path("run"), &bench.path("again"));
    let page = Page::of(&bench, "run again");
    let link = |html: &str, words: &str| {
        let before = html.split(words).next().filter(|before| *before != html)?;
        let href = before.rsplit("href=\"").next()?.split('"').next()?;
        Some(href.replace("&amp;", "&"))
    };
    let names = |html: &str| -> Vec<String> {
        html.split("<span class=\"name\"><b>")
            .skip(1)
            .map(|row| row.split("</span>").next().unwrap().replace("</b>", ""))
            .collect()
    };
    for filter in ["", "language=en", "text=ask", "state=answered&verdict=:none"] {
        let mut html = page.get(&format!("?{filter}"));
        let mut all = names(&html);
        let mut pages = 1;
        while let Some(next) = link(&html, "Samples after these") {
            html = page.get(&next);
            all.extend(names(&html));
            pages += 1;
        }
        assert_eq!((all.len(), pages), (140, 3), "{filter}");
        let expected: Vec<String> = ["openai/m", "openai/m #2"]
            .iter()
            .flat_map(|run| (0..70).map(move |i| format!("{i} English · judged · {run}")))
            .collect();
        assert_eq!(all, expected, "{filter}");
        // Back again, one by one: the sample before, until there is none.
        let mut steps = 0;
        html = page.get(&format!("?{filter}&of=openai/m%20%232&sample=judged:en:69"));
        while let Some(previous) = link(&html, "‹ Before") {
            html = page.get(&previous);
            steps += 1;
            assert!(steps < 140, "{filter}: no end");
        }
        assert_eq!(steps, 139, "{filter}");
        assert!(html.contains("judged, item 0, English"), "{filter}");
    }
}
