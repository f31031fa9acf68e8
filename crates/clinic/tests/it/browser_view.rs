//! `clinic view` as a reader meets it, in a real browser: filters, keys, comparisons, marks, and
//! responses that try to be more than text.

use clinic_fake::{Action, Fake, Script, Seen};
use serde_json::json;

use crate::support::{Bench, Browser, JUDGED, Page, is_for};

const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";

/// Models that answer by their name, and a judge that finds the word "well" good.
fn models() -> Fake {
    Fake::start(Script::new(|seen, _| {
        let prompt = seen.prompt();
        if is_for(seen, "judge") {
            let verdict = if !prompt.contains("Is it good?") {
                "kind"
            } else if prompt.contains("well") {
                "good"
            } else {
                "bad"
            };
            return Action::Text(json!({ "says": "it speaks", "verdict": verdict }).to_string());
        }
        let good = prompt.contains("ask 1") || prompt.contains("سؤال 1");
        match (is_for(seen, "n"), prompt.contains("سؤال"), good) {
            (true, ..) => Action::Text("n says no".to_owned()),
            (false, true, _) => Action::Text(format!("جواب {}", if good { "well" } else { "" })),
            (false, false, good) => Action::Text(if good { "well" } else { "badly" }.to_owned()),
        }
    }))
}

/// Two runs, `run` by the model m and `other` by n, of four items in English and Arabic.
fn two_runs() -> (Bench, Fake) {
    let fake = models();
    let rows: String = (0..4).map(|i| format!("{i},ask {i},سؤال {i}\n")).collect();
    let bench = Bench::with(JUDGED, &format!("id,English,Arabic\n{rows}"));
    bench.run("judged", &fake, "").exits(0);
    other(&bench, &fake, "other");
    (bench, fake)
}

fn other(bench: &Bench, fake: &Fake, folder: &str) {
    let url = fake.base_url();
    let judge = format!("--judge openai/judge --judge-base-url {url}");
    let line = Bench::line("run", "judged", fake, &judge);
    let line =
        line.replace("--out run", &format!("--out {folder}")).replace("openai/m", "openai/n");
    bench.clinic(&line).exits(0);
}

/// The name of the list's rows.
fn rows(browser: &Browser) -> Vec<String> {
    let names = browser.eval("[...document.querySelectorAll('.list .name')].map(e => e.innerText)");
    names.as_array().unwrap().iter().map(|n| n.as_str().unwrap().to_owned()).collect()
}

/// Chooses from a menu as a person does with the keyboard: the page answers at once.
fn choose(browser: &Browser, menu: &str, value: &str) {
    browser.eval("void (window.left = 1)");
    browser.click(&format!("select[name={menu}] option[value='{value}']"));
    browser.wait("!window.left && document.readyState === 'complete'");
}

/// Presses keys that lead to another page.
fn step(browser: &Browser, keys: &str) {
    browser.eval("void (window.left = 1)");
    browser.press(keys);
    browser.wait("!window.left && document.readyState === 'complete'");
}

#[test]
fn samples_are_filtered_and_walked_through_by_keys() {
    let (bench, _fake) = two_runs();
    let page = Page::of(&bench, "run other");
    let browser = Browser::start();
    browser.goto(&page.address);
    assert_eq!(rows(&browser).len(), 16);
    assert_eq!(browser.text("main h1"), "judged, item 0, English");

    choose(&browser, "model", "openai/m");
    choose(&browser, "language", "ar");
    assert_eq!(rows(&browser), ["0", "1", "2", "3"].map(|i| format!("{i} Arabic · judged")));
    choose(&browser, "verdict", "good");
    assert_eq!(rows(&browser), ["1 Arabic · judged"]);
    assert_eq!(browser.text(".answered pre"), "جواب well");
    assert!(browser.text(".scored").contains("it speaks"));
    choose(&browser, "verdict", ":not_applicable");
    assert_eq!(rows(&browser).len(), 3, "the second question is for good ones only");
    choose(&browser, "verdict", "");
    choose(&browser, "state", "empty");
    assert!(browser.text(".list").contains("No sample is like this."));
    step(&browser, "fx");
    assert_eq!(rows(&browser).len(), 16);

    // Through the samples by j and k, and every step is in the address.
    choose(&browser, "model", "openai/m");
    step(&browser, "j");
    assert_eq!(browser.text("main h1"), "judged, item 0, Arabic");
    step(&browser, "j");
    assert_eq!(browser.text("main h1"), "judged, item 1, English");
    let there = browser.url();
    step(&browser, "k");
    assert_eq!(browser.text("main h1"), "judged, item 0, Arabic");
    browser.goto(&there);
    assert_eq!(browser.text("main h1"), "judged, item 1, English");
    assert_eq!(browser.text(".list [aria-current] .name"), "1 English · judged");

    // Search: `/`, a text, Enter; keys in a field are text, and Escape leaves it.
    browser.press("/");
    browser.press("جواب jk");
    assert_eq!(browser.eval("document.activeElement.value"), "جواب jk");
    browser.press(ESCAPE);
    assert_eq!(browser.eval("document.activeElement.tagName"), "BODY");
    browser.press("/");
    browser.press("جواب");
    step(&browser, ENTER);
    assert_eq!(rows(&browser).len(), 4);
    assert!(
        !browser.url().contains("language="),
        "what is not chosen is not said: {}",
        browser.url()
    );

    // A menu by the keyboard: what the arrow passes is not chosen before Enter.
    step(&browser, "fx");
    browser.press("fl");
    assert_eq!(browser.eval("document.activeElement.name"), "language");
    let before = browser.url();
    browser.press("\u{e015}\u{e015}");
    assert_eq!(browser.eval("document.activeElement.value"), "ar");
    assert_eq!(browser.url(), before);
    step(&browser, ENTER);
    assert_eq!(rows(&browser).len(), 8);
    assert_eq!(browser.text("main h1"), "judged, item 0, Arabic");

    // A link is what comes behind the token.
    browser.eval("void (navigator.clipboard.writeText = async text => { window.copied = text; })");
    browser.press("c");
    browser.wait("window.copied && document.querySelector('#copy').textContent === 'Copied'");
    let link = browser.eval("window.copied").as_str().unwrap().to_owned();
    let colleague = Page::of(&bench, &format!("run other --open {link}"));
    browser.goto(&colleague.at(&link));
    assert_eq!(browser.text("main h1"), "judged, item 0, Arabic");
    assert_eq!(rows(&browser).len(), 8);
    browser.press("?");
    assert_eq!(browser.eval("document.querySelector('#help').open"), true);
    browser.press(ESCAPE);
    assert_eq!(browser.eval("document.querySelector('#help').open"), false);
    browser.is_clean("http://127.0.0.1:");
}

#[test]
fn two_models_and_two_languages_stand_side_by_side() {
    let (bench, fake) = two_runs();
    // A third run in which an item has other words.
    bench.write("data/questions.csv", "id,English\n0,ask 0\n1,ask 1 differently\n");
    other(&bench, &fake, "third");
    let page = Page::of(&bench, "run other third");
    let browser = Browser::start();
    browser.goto(&page.at("of=openai/m&sample=judged:ar:1"));
    assert!(browser.text(".top").contains("These runs are of different data"));
    assert_eq!(browser.count(".column"), 1);
    choose(&browser, "beside", "openai/n");
    choose(&browser, "with", "en");
    assert_eq!(browser.count(".column"), 3);
    let shown = |n: usize, css: &str| browser.text(&format!(".column:nth-child({n}) {css}"));
    assert_eq!(shown(1, ".answered pre"), "جواب well");
    assert_eq!(shown(2, ".answered pre"), "n says no");
    assert_eq!(shown(3, ".answered pre"), "well");
    let direction = |css: &str| {
        browser.eval(&format!("getComputedStyle(document.querySelector('{css}')).direction"))
    };
    assert_eq!(direction(".column:nth-child(1) .asked pre"), "rtl");
    assert_eq!(direction(".column:nth-child(1) .answered pre"), "rtl");
    assert_eq!(direction(".column:nth-child(2) .answered pre"), "ltr");
    assert_eq!(direction(".column:nth-child(3) .asked pre"), "ltr");
    let language = browser.eval("document.querySelector('.column .asked pre').lang");
    assert_eq!(language, "ar");
    let tops = browser.eval(
        "[...document.querySelectorAll('.answered')].map(e => Math.round(e.getBoundingClientRect().top))",
    );
    assert!(tops[0] == tops[1] && tops[1] == tops[2], "responses are on one line: {tops}");

    browser.goto(&page.at("of=openai/m&sample=judged:en:1&beside=openai/n%20%232"));
    assert!(shown(2, "header").contains("The item is not the same text in both runs."));
    browser.goto(&page.at("of=openai/m&sample=judged:en:0&beside=openai/n%20%232"));
    assert!(!shown(2, "header").contains("not the same"));
    browser.goto(&page.at("of=openai/m&sample=judged:en:2&beside=openai/n%20%232"));
    assert!(shown(2, "header").contains("openai/n #2 has no item 2 of judged in English."));
    browser.is_clean(page.origin());
}

#[test]
fn a_verdict_is_marked_and_the_mark_is_kept_beside_it() {
    let (bench, _fake) = two_runs();
    let before = bench.clinic("report run --json").exits(0).out;
    let page = Page::of(&bench, "run --name Amina");
    let browser = Browser::start();
    browser.goto(&page.at("language=ar&of=openai/m&sample=judged:ar:1"));
    browser.press("m");
    // A wrong verdict without a reason is not taken.
    browser.click(".marking form button");
    assert_eq!(browser.count(".mark"), 0);
    browser.fill(".marking [name=should_be]", "bad");
    browser.fill(".marking [name=comment]", "لا يجيب <b>عن</b> السؤال");
    browser.eval("void (window.left = 1)");
    browser.click(".marking form button");
    browser.wait("!window.left && document.querySelector('.mark')");
    assert_eq!(browser.count(".mark"), 1);
    let mark = browser.text(".mark");
    assert!(mark.starts_with("Amina says: wrong, should be bad 20"), "{mark}");
    assert!(mark.contains("لا يجيب <b>عن</b> السؤال"), "{mark}");
    assert!(browser.url().contains("sample=judged%3Aar%3A1"), "{}", browser.url());
    assert_eq!(browser.text(".score h4"), "good good = 1", "the verdict is as it was");

    // Another person in another tab, and the first who thinks again: all is kept.
    let again = Page::of(&bench, "run --name Bao");
    browser.goto(&again.at("marks=wrong"));
    assert_eq!(rows(&browser), ["1 Arabic · judged"]);
    for (opinion, comment) in [("right", "fine"), ("withdrawn", "")] {
        browser.press("m");
        browser.click(&format!(".marking [value={opinion}]"));
        if !comment.is_empty() {
            browser.fill(".marking [name=comment]", comment);
        }
        browser.eval("void (window.left = 1)");
        browser.click(".marking form button");
        browser.wait("!window.left && document.querySelector('.mark')");
    }
    assert_eq!(browser.count(".mark"), 3);
    let kept =
        "SELECT name || ' ' || opinion || ' ' || coalesce(should_be, '-') || ' ' || score || ' '
                || verdict || ' ' || (time GLOB '20??-??-??T??:??:??Z') FROM marks ORDER BY id";
    let expected =
        ["Amina wrong bad good good 1", "Bao right - good good 1", "Bao withdrawn - good good 1"];
    assert_eq!(bench.column(kept), expected);
    browser.goto(&page.at("marks=right"));
    assert!(browser.text(".list").contains("No sample is like this."), "Bao took it back");
    browser.is_clean("http://127.0.0.1:");
    assert_eq!(bench.clinic("report run --json").exits(0).out, before, "no figure changes");
}

/// What a response can hold to be more than text.
fn hostile() -> Vec<String> {
    let mut corpus: Vec<String> = [
        "<script>window.hacked = 1</script>",
        "</script><script>window.hacked = 1</script>",
        "</pre></div><img src=x onerror='window.hacked = 1'>",
        "<svg onload=\"window.hacked = 1\"><script>window.hacked = 1</script></svg>",
        "<style>body { display: none } @import url(http://evil.example/x.css);</style>",
        "<a href=\"javascript:window.hacked=1\" autofocus onfocus=\"window.hacked=1\">x</a>",
        "<iframe srcdoc=\"<script>parent.hacked = 1</script>\"></iframe>",
        "<base href=\"http://evil.example/\"><meta http-equiv=refresh content='0;url=http://evil.example'>",
        "<form action=http://evil.example><button>x</button></form><dialog open>x</dialog>",
        "{{ 7 * 7 }} ${ 7 * 7 } <% x %> {% x %} (PreEscaped(x)) <!--",
        "\u{202e}txet dediR\u{2066}\u{0}\u{1b}[2J\u{7}\u{200b}\u{e0041}",
        "broken \u{fffd}\u{fffd} \u{ffff} \u{feff}",
        "&lt;b&gt; &amp;lt; \" ' ` = /> ]]> --> \\u003cscript>",
    ]
    .map(str::to_owned)
    .to_vec();
    corpus.push(format!("<b>{}", "x".repeat(1 << 20)));
    corpus
}

/// The response, of which each piece of a long one is an element.
const RESPONSE: &str =
    "[...document.querySelectorAll('.answered > pre')].map(e => e.textContent).join('')";

#[test]
fn what_a_model_says_never_runs() {
    let corpus = hostile();
    let texts = corpus.clone();
    let fake = Fake::start(Script::new(move |seen: &Seen, _| {
        let prompt = seen.prompt();
        let number = prompt.rsplit(' ').next().and_then(|n| n.parse::<usize>().ok());
        let text = number.and_then(|n| texts.get(n));
        match text {
            Some(text) if is_for(seen, "m") => Action::Text(text.clone()),
            // The judge repeats what it read.
            _ => {
                let hack = "<img src=x onerror='window.hacked = 1'>";
                Action::Text(json!({ "says": hack, "verdict": "bad" }).to_string())
            }
        }
    }));
    let rows: String = (0..corpus.len()).map(|i| format!("{i},<u>ask</u> {i}\n")).collect();
    let bench = Bench::with(JUDGED, &format!("id,English\n{rows}"));
    bench.run("judged", &fake, "").exits(0);
    let page = Page::of(&bench, "run --name <i>me</i>");
    let browser = Browser::start();
    for (i, text) in corpus.iter().enumerate() {
        browser.goto(&page.at(&format!("of=openai/m&sample=judged:en:{i}&whole=1")));
        // A dialog would fail this, and so would a script that ran.
        assert_eq!(browser.eval("typeof window.hacked"), "undefined", "{i}");
        let shown = browser.eval(RESPONSE);
        let unseen =
            |c: char| c.is_control() || "\u{202e}\u{2066}\u{200b}\u{e0041}\u{feff}".contains(c);
        if text.chars().any(unseen) {
            let shown = shown.as_str().unwrap();
            assert!(!shown.contains(unseen), "{i}");
        } else {
            // White space around a response is not kept.
            let shown = shown.as_str().unwrap();
            assert!(shown == *text, "{i}: {} not {}", shown.len(), text.len());
        }
        let foreign = "[...document.querySelectorAll('.column *, .list *')].filter(e => \
            ['SCRIPT', 'STYLE', 'IMG', 'SVG', 'IFRAME', 'BASE', 'META', 'U', 'I'].includes(e.tagName.toUpperCase()))";
        assert_eq!(browser.eval(&format!("{foreign}.length")), 0, "{i}");
    }
    let codes = "[...document.querySelectorAll('.answered .code')].map(e => e.textContent).join()";
    browser.goto(&page.at("of=openai/m&sample=judged:en:10"));
    assert_eq!(browser.eval(codes), "U+202E,U+2066,U+0000,U+001B,U+0007,U+200B,U+E0041");
    // A long line is cut, and all of it is one click away.
    browser.goto(&page.at(&format!("of=openai/m&sample=judged:en:{}", corpus.len() - 1)));
    assert_eq!(browser.eval(&format!("{RESPONSE}.length")), 20_000);
    assert!(browser.text(".cut").starts_with("Cut after 20,000 of 1,048,579 characters."));
    browser.eval("void (window.left = 1)");
    browser.click(".cut a");
    browser.wait("!window.left && document.querySelector('.answered pre')");
    assert_eq!(browser.eval(&format!("{RESPONSE}.length")), 1_048_579);
    let wide = browser.eval("document.documentElement.scrollWidth <= innerWidth");
    assert_eq!(wide, true, "a long line is broken");
    browser.is_clean(page.origin());

    // Even what had slipped through as markup would not run.
    browser.eval(
        "void document.body.insertAdjacentHTML('beforeend', \
         '<img src=x onerror=\"window.hacked = 1\"><style>body { display: none }</style>')",
    );
    browser.wait("document.querySelector('body > img').complete");
    assert_eq!(browser.eval("typeof window.hacked"), "undefined");
    assert_ne!(browser.eval("getComputedStyle(document.body).display"), "none");
    assert!(browser.console().iter().any(|line| line.contains("Content Security Policy")));
}

#[test]
fn it_can_be_read_in_the_dark_and_in_a_narrow_window() {
    let (bench, _fake) = two_runs();
    let page = Page::of(&bench, "run other");
    let browser = Browser::start();
    let query = "of=openai/m&sample=judged:ar:1&beside=openai/n&with=en";
    for scheme in ["light", "dark"] {
        browser.prefer("prefers-color-scheme", scheme);
        browser.goto(&page.at(query));
        // WCAG 2.2, 1.4.3: contrast of at least 4.5 to 1, of every text with the ground below it.
        let weak = browser.eval(include_str!("support/contrast.js"));
        assert_eq!(weak, json!([]), "{scheme}");
    }
    browser.resize(400, 800);
    browser.goto(&page.at(query));
    assert_eq!(browser.eval("document.documentElement.scrollWidth <= innerWidth"), true);
    // Every control has a name, and the landmarks are there.
    let nameless = "[...document.querySelectorAll('select, textarea, input:not([type=hidden])')]\
        .filter(e => !e.labels.length).length";
    assert_eq!(browser.eval(nameless), 0);
    assert_eq!(browser.count("main, nav[aria-label], form[role=search]"), 3);
    browser.is_clean(page.origin());
}
