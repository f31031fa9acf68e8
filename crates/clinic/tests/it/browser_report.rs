//! The page of a report in a real browser: drawn, legible, harmless.

use clinic_core::system::System;
use clinic_fake::{Action, Fake, Script};
use clinic_report::analysis::{Analysis, Example};
use clinic_report::html;
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Bench, Browser, is_for};

#[path = "../../../clinic-report/tests/support/analysis.rs"]
mod by_hand;

/// Opens the page of an analysis, with all that is folded away unfolded.
fn open(browser: &Browser, folder: &TempDir, analysis: &Analysis) {
    let file = folder.path().join("report.html");
    std::fs::write(&file, html::page(analysis)).unwrap();
    browser.open(&file);
    browser.eval("document.querySelectorAll('details').forEach(d => d.open = true)");
}

#[track_caller]
fn none(browser: &Browser, what: &str, script: &str) {
    assert_eq!(browser.eval(script), json!([]), "{what}");
}

/// Each chart has a size, words for screen readers, and text that neither leaves it nor overlaps.
#[track_caller]
fn charts_are_legible(browser: &Browser) {
    none(
        browser,
        "charts without size or words",
        "[...document.querySelectorAll('svg')].filter(svg => { \
         const box = svg.getBoundingClientRect(); \
         const words = id => document.getElementById(id)?.textContent.length > 3; \
         return !(box.width > 100 && box.height > 20 && svg.getAttribute('role') === 'img' \
           && svg.getAttribute('aria-labelledby').split(' ').every(words)); }).map(svg => svg.id)",
    );
    none(
        browser,
        "texts that leave their chart",
        "[...document.querySelectorAll('svg text:not([transform])')].filter(text => { \
         const own = text.getBBox(), all = text.ownerSVGElement.viewBox.baseVal; \
         return text.textContent && (own.x < -1 || own.y < -1 \
           || own.x + own.width > all.width + 1 || own.y + own.height > all.height + 1); }) \
         .map(text => text.ownerSVGElement.id + ': ' + text.textContent)",
    );
    none(
        browser,
        "texts over each other",
        "[...document.querySelectorAll('svg')].flatMap(svg => { \
         const all = [...svg.querySelectorAll('text:not([transform])')] \
           .filter(text => text.textContent.trim()).map(text => [text.textContent, text.getBBox()]); \
         const apart = (a, b) => a.x + a.width < b.x + 2 || b.x + b.width < a.x + 2 \
           || a.y + a.height < b.y + 4 || b.y + b.height < a.y + 4; \
         return all.flatMap(([said, a], i) => all.slice(0, i).filter(([, b]) => !apart(a, b)) \
           .map(([other]) => svg.id + ': ' + said + ' / ' + other)); })",
    );
    none(
        browser,
        "the same id twice",
        "(ids => ids.filter((id, i) => ids.indexOf(id) !== i)) \
         ([...document.querySelectorAll('[id]')].map(e => e.id))",
    );
}

#[test]
fn charts_are_drawn_for_one_run_and_for_many() {
    let (browser, folder) = (Browser::start(), TempDir::new().unwrap());
    for (runs, languages) in [(1, 1), (1, 15), (2, 15), (4, 2), (13, 15)] {
        open(&browser, &folder, &by_hand::analysis(runs, languages));
        charts_are_legible(&browser);
        let marks = |chart: &str| browser.count(&format!("#{chart} .m"));
        if runs <= 4 {
            let legend = if runs > 1 { runs } else { 0 };
            assert_eq!(marks("tasks-dots"), 18 * runs + legend);
        }
        if runs > 1 {
            assert_eq!(marks("board"), 6 * runs);
            assert_eq!(marks("radars"), 5 * runs);
            assert_eq!(marks("safety-runs"), runs);
            assert_eq!(browser.count("table.board tbody tr"), runs);
        } else {
            assert_eq!(marks("radar"), 5);
        }
        assert_eq!(marks("safety-0"), languages);
        assert_eq!(browser.count("#languages > details") > 0, runs > 1 && languages > 1);
        let cells = runs * 18 * (languages + 1);
        if languages > 1 {
            // Rows of dimensions stand above those of their tasks.
            let all = "#languages [aria-label='Tasks by languages'] tr:not(.dim) td[title]";
            assert_eq!(browser.count(all), cells);
        }
        browser.is_clean("file://");
    }
}

#[test]
fn a_page_is_as_wide_as_its_window_in_light_and_dark() {
    let (browser, folder) = (Browser::start(), TempDir::new().unwrap());
    for (runs, languages) in [(1, 15), (2, 5), (13, 15)] {
        open(&browser, &folder, &by_hand::analysis(runs, languages));
        let mut pages = Vec::new();
        for scheme in ["light", "dark"] {
            browser.prefer("prefers-color-scheme", scheme);
            for width in [360, 1280] {
                browser.resize(width, 800);
                none(&browser, "elements beyond the window", BEYOND);
            }
            if runs < 13 {
                none(&browser, "letters that their ground hides", CONTRAST);
            }
            pages.push(browser.eval("getComputedStyle(document.body).backgroundColor"));
        }
        assert_eq!(pages, ["rgb(255, 255, 255)", "rgb(21, 24, 27)"]);
    }
}

/// How wide the page is, where that is wider than the window, and what makes it so.
const BEYOND: &str = "(root => root.scrollWidth <= root.clientWidth ? [] : [root.scrollWidth, \
    ...[...document.querySelectorAll('body *')].filter(e => !e.closest('.scroll') \
      && e.getBoundingClientRect().right > root.clientWidth + 0.5) \
      .map(e => e.outerHTML.slice(0, 200))])(document.documentElement)";

/// Kinds of cells and bars whose text has a contrast below 4.5 (WCAG 2.2, 1.4.3).
const CONTRAST: &str = "(() => { \
    const light = colour => { const [r, g, b] = colour.match(/[\\d.]+/g).map(v => { \
      v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); \
      return 0.2126 * r + 0.7152 * g + 0.0722 * b; }; \
    const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); \
    const ground = e => { for (; e; e = e.parentElement) { \
      const c = getComputedStyle(e).backgroundColor; \
      if (!c.startsWith('rgba(0, 0, 0, 0')) return c; } return 'rgb(255, 255, 255)'; }; \
    const seen = new Set(), bad = []; \
    for (const e of document.querySelectorAll('td, th, span, p, small, a, summary, dd, dt')) { \
      const pair = [getComputedStyle(e).color, ground(e)]; \
      if (seen.has(pair + '') || !e.textContent.trim()) continue; seen.add(pair + ''); \
      if (ratio(...pair.map(light)) < 4.5) bad.push(e.tagName + '.' + e.className + ' ' + pair); } \
    return bad; })()";

#[test]
fn every_script_stands_right_and_the_page_prints() {
    let (browser, folder) = (Browser::start(), TempDir::new().unwrap());
    let mut analysis = by_hand::analysis(1, 15);
    // An answer in English to a question in Arabic is set as English.
    let arabic = analysis.runs[0].examples[1].clone();
    let english = Example { response: "I only speak English.".to_owned(), ..arabic };
    analysis.runs[0].examples.push(english);
    open(&browser, &folder, &analysis);
    let directions = |selector: &str| {
        browser.eval(&format!(
            "[...new Set([...document.querySelectorAll('{selector}')] \
             .map(e => getComputedStyle(e).direction))]"
        ))
    };
    assert_eq!(directions("dd[lang=ar][dir=rtl], bdi[lang=ar]"), json!(["rtl"]));
    assert_eq!(directions("dd.said[lang=ar]"), json!(["rtl", "ltr"]));
    assert_eq!(directions("dd[lang]:not([lang=ar])"), json!(["ltr"]));
    let tags = browser
        .eval("[...new Set([...document.querySelectorAll('dd[lang]')].map(e => e.lang))].length");
    assert_eq!(tags, 15);
    assert!(browser.count("dd[lang=zh-Hans]") > 0);

    browser.eval("document.querySelectorAll('details').forEach(d => d.open = false)");
    let folded = "document.querySelector('#numbers details td').checkVisibility()";
    let print =
        |media: &str| browser.devtools("Emulation.setEmulatedMedia", &json!({ "media": media }));
    assert_eq!(browser.eval(folded), false);
    print("print");
    assert_eq!(browser.eval(folded), true, "what is folded away is printed");
    print("");
    let pdf = browser.devtools("Page.printToPDF", &json!({ "preferCSSPageSize": true }));
    let pdf = pdf["data"].as_str().unwrap();
    // Base64 of %PDF.
    assert!(pdf.starts_with("JVBERi") && pdf.len() > 100_000);
    browser.is_clean("file://");
}

/// What models, files and folders may be called to run something in a page.
const HOSTILE: [&str; 9] = [
    "<script>window.ran = 1</script>",
    "\"><img src=x onerror='window.ran = 2'>",
    "</style></title><script>window.ran = 3</script>",
    "<svg onload='window.ran = 4'><a href='javascript:window.ran = 5'>x</a></svg>",
    "<style>@import url(http://evil.invalid/a.css); td { display: none }</style>",
    "<meta http-equiv=refresh content='0;url=http://evil.invalid/'><base href=http://evil.invalid>",
    "<iframe srcdoc='<script>parent.ran = 6</script>'></iframe><form action=http://evil.invalid>",
    "' onmouseover='window.ran = 7' x='\u{0}\u{1b}[31m\u{202e}\u{2066}",
    "--><![CDATA[<link rel=stylesheet href=//evil.invalid>]]>&lt;script&gt;{{7*7}}${7*7}",
];

/// The analysis with hostile words wherever words come from outside.
fn poisoned(mut analysis: Analysis) -> Analysis {
    let mut turn = HOSTILE.iter().cycle();
    let mut next = || (*turn.next().unwrap()).to_owned();
    analysis.made_by = next();
    analysis.unlike = HOSTILE.map(String::from).to_vec();
    for run in &mut analysis.runs {
        run.label = next();
        run.summary.model = next();
        run.summary.judge = Some(next());
        run.summary.data = next();
        let texts = ["en", "ar", "<b>"].map(|tag| (tag.to_owned(), HOSTILE.join("\n")));
        run.summary.system = Some(System { parts: Vec::new(), text: texts.into() });
        run.summary.notes = HOSTILE.map(String::from).to_vec();
        run.summary.failures = HOSTILE.iter().map(|text| ((*text).to_owned(), 3)).collect();
        run.summary.unscored.insert(next(), [(next(), 2)].into());
        let usage = run.summary.usage.values().next().copied().unwrap();
        run.summary.usage.insert(next(), usage);
        run.facts = HOSTILE.iter().map(|text| ((*text).to_owned(), (*text).to_owned())).collect();
        for task in &mut run.tasks {
            task.means = next();
            task.metric = next();
            task.part = Some(next());
        }
        for row in &mut run.summary.rows {
            row.figure.part = Some(next());
            row.scorer = next();
        }
        for (example, text) in run.examples.iter_mut().zip(HOSTILE.iter().cycle()) {
            example.question = (*text).to_owned();
            example.response = format!("{text}{}", "A".repeat(1 << 20));
            example.item = (*text).to_owned();
            example.score = (*text).to_owned();
            example.verdict = Some((*text).to_owned());
            example.why = Some((*text).to_owned());
        }
        for wrong in &mut run.wrong_language {
            wrong.others.push((next(), 9));
        }
    }
    analysis
}

#[test]
fn nothing_that_a_model_or_a_file_says_runs() {
    let (browser, folder) = (Browser::start(), TempDir::new().unwrap());
    for runs in [1, 3] {
        let analysis = poisoned(by_hand::analysis(runs, 2));
        assert!(html::page(&analysis).len() < 1 << 20);
        open(&browser, &folder, &analysis);
        browser.resize(360, 800);
        none(&browser, "elements beyond the window", BEYOND);
        let elements = "script, img, iframe, form, link, base, object, embed, input, button, \
                        svg a, meta[http-equiv=refresh], style ~ style";
        assert_eq!(browser.count(elements), 0);
        none(
            &browser,
            "attributes that run",
            "[...document.querySelectorAll('*')].flatMap(e => [...e.attributes]) \
             .filter(a => /^on|javascript:/i.test(a.name + a.value.replace(/^#.*/, ''))) \
             .filter(a => !['title', 'aria-label'].includes(a.name)).map(a => a.name + a.value)",
        );
        assert_eq!(browser.eval("window.ran === undefined"), true);
        assert!(browser.text("#examples").contains("<script>window.ran = 1</script>AAA"));
        none(&browser, "characters that turn the text", TURNING);
        charts_are_legible(&browser);
        browser.is_clean("file://");
    }
    // What is written into the page all the same is stopped by its policy.
    browser.eval(
        "(() => { const s = document.createElement('script'); s.textContent = 'window.ran = 8'; \
         document.body.append(s); })()",
    );
    assert_eq!(browser.eval("window.ran === undefined"), true);
}

const TURNING: &str =
    "[...document.body.textContent.matchAll(/[\\u202a-\\u202e\\u2066-\\u2069]/g)]";

#[test]
fn the_report_of_a_run_opens_from_its_file() {
    let fake = Fake::start(Script::new(|seen, _| {
        if is_for(seen, "m") {
            Action::Text("<img src=x onerror=alert(1)> Drink water.".to_owned())
        } else {
            Action::Default
        }
    }));
    let bench = Bench::of(3);
    bench.write("data/questions.csv", "English,Arabic\nask 0,سؤال ٠\nask 1,سؤال ١\nask 2,سؤال ٢\n");
    bench.run("judged", &fake, "").exits(0);
    bench.clinic("report run --format html --out report.html").exits(0);
    let browser = Browser::start();
    browser.open(&bench.path("report.html"));
    let title = browser.text("h1");
    assert!(title.starts_with("How far can ") && title.contains('m'), "{title}");
    assert!(browser.text("#examples").contains("<img src=x onerror=alert(1)> Drink water."));
    assert_eq!(browser.count("#languages tr:not(.dim) td[title]"), 3);
    let hashes = browser.text("#method");
    assert!(hashes.contains("sha256"), "{hashes}");
    charts_are_legible(&browser);
    browser.is_clean("file://");
}
