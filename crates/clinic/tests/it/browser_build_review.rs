//! The reviewers' page in a real browser: by keys alone, from right to left, and with texts that try
//! to be more than text.

use serde_json::json;

use crate::support::{Browser, Reviewed, status, warning};

const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";

/// Presses keys that lead to another page.
fn step(browser: &Browser, keys: &str) {
    browser.eval("void (window.left = 1)");
    browser.press(keys);
    browser.wait("!window.left && document.readyState === 'complete'");
}

/// The criterion that has the focus.
const FOCUSED: &str = "document.activeElement.closest('fieldset')?.dataset.criterion";

#[test]
fn texts_are_rated_by_keys_alone() {
    let set = Reviewed::of(3);
    let desk = set.desk("ana:es");
    let page = &desk.pages[0];
    let browser = Browser::start();
    browser.goto(&page.address);
    let first = browser.text("main h1");
    assert!(first.starts_with("Spanish, honesty-"), "{first}");
    assert_eq!(browser.text("#progress"), "0 done, 3 to go");
    assert_eq!(browser.eval(FOCUSED), "correct");
    browser.press("53");
    assert_eq!(browser.eval(FOCUSED), "language");
    // Back to one, and another mark for it.
    browser.press("k");
    assert_eq!(browser.eval(FOCUSED), "fits");
    browser.press("4");
    // Not whole: nothing is sent, and the browser tells what is missing.
    browser.press(ENTER);
    assert_eq!(browser.eval(FOCUSED), "language");
    browser.press("45");
    assert_eq!(browser.eval("document.activeElement.textContent"), "Save and next");
    browser.press("u");
    browser.press("c");
    browser.press("12 sx!");
    assert_eq!(browser.eval("document.querySelector('textarea').value"), "12 sx!");
    browser.press(ESCAPE);
    step(&browser, ENTER);
    assert_eq!(browser.text("#progress"), "1 done, 2 to go");
    assert_ne!(browser.text("main h1"), first);
    step(&browser, "s");
    assert_eq!(browser.text("#progress"), "2 done, 1 to go");
    // A draft outlives a reload, and is not another text's.
    browser.press("21c");
    browser.press("half");
    browser.goto(&page.address);
    assert_eq!(browser.eval("document.querySelectorAll('input:checked').length"), 2);
    assert_eq!(browser.eval("document.querySelector('textarea').value"), "half");
    // Back to the skipped one, then to the first, whose mark is changed.
    step(&browser, "b");
    assert!(browser.text("form#rate").contains("You skipped this text."));
    step(&browser, "b");
    assert_eq!(browser.text("main h1"), first);
    assert_eq!(browser.eval("document.querySelectorAll('input:checked').length"), 5);
    browser.press("kkkk1u");
    browser.click("button.save");
    browser.wait("document.querySelector('#progress')?.innerText === '2 done, 1 to go'");
    let rows = set.rows();
    let item = first.split(", ").nth(1).unwrap();
    assert_eq!(rows[0], format!("ana {item} es 5445 unsafe 12 sx!"));
    assert!(rows[1].ends_with("es skipped"), "{rows:?}");
    assert_eq!(rows[2], format!("ana {item} es 1445 12 sx!"));
    assert_eq!(rows.len(), 3);
    browser.press("55");
    browser.press("j");
    step(&browser, &format!("c\u{e003}{ESCAPE}{ENTER}"));
    assert!(browser.text("main").contains("Nothing waits for you"));
    browser.press("?");
    browser.click("a[href=mine]");
    browser.wait("document.querySelectorAll('.mine li').length === 3");
    browser.is_clean(page.origin());
}

#[test]
fn arabic_runs_from_right_to_left_beside_its_english_form() {
    // Its first letter is Latin, and so are those of its options.
    let set = Reviewed::with(1, |_, language| match language {
        "ar" => "MRI: كم دقيقة؟\nA) عشر دقائق\nB) ساعة".to_owned(),
        _ => "MRI: how many minutes?\nA) ten\nB) sixty".to_owned(),
    });
    let desk = set.desk("ana:ar");
    let browser = Browser::start();
    browser.goto(&desk.pages[0].address);
    let direction = |css: &str| {
        browser.eval(&format!("getComputedStyle(document.querySelector('{css}')).direction"))
    };
    assert_eq!(direction(".item:nth-child(1) pre"), "rtl");
    assert_eq!(direction(".item:nth-child(2) pre"), "ltr");
    assert_eq!(direction(".document:nth-child(1) pre"), "rtl");
    assert_eq!(direction(".document:nth-child(2) pre"), "ltr");
    // Also a line that begins with a Latin letter begins at the right.
    let letter = "(() => { const pre = document.querySelector('.item pre'); const text = pre.firstChild; \
        const at = text.data.indexOf('A)'); const range = document.createRange(); \
        range.setStart(text, at); range.setEnd(text, at + 1); \
        return pre.getBoundingClientRect().right - range.getBoundingClientRect().right; })()";
    let gap = browser.eval(letter).as_f64().unwrap();
    assert!((0.0..20.0).contains(&gap), "the letter is {gap} from the right");
    assert_eq!(browser.eval("document.querySelector('.item pre').lang"), "ar");
    browser.is_clean(desk.pages[0].origin());
}

#[test]
fn an_item_is_never_more_than_text() {
    let hostile = "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>\
        </pre><form action=http://evil.example><button>b</button></form>\u{202e}dne\u{200b}\n=1+1";
    let set = Reviewed::with(1, |_, language| format!("{language} {hostile}"));
    let id = set.project.store().items(None).unwrap()[0].id;
    set.find(&[
        warning(id, "es", "near", "<b>near</b> another"),
        warning(id, "es", "self", "the model openai/m judged its own text"),
        warning(id, "ar", "other", "of another language"),
    ]);
    let desk = set.desk("<i>ana</i>:es");
    let page = &desk.pages[0];
    let browser = Browser::start();
    browser.goto(&page.address);
    assert_eq!(browser.eval("typeof window.hacked"), "undefined");
    assert_eq!(browser.count("main script, main img, main form, main b, header i"), 0);
    assert!(browser.text("main").contains("<script>window.hacked"));
    assert_eq!(browser.text(".item .code"), "U+202E");
    browser.click(".warnings summary");
    assert_eq!(browser.text(".warnings li"), "near: <b>near</b> another");
    assert_eq!(browser.count(".warnings li"), 1, "nothing that tells of a model");
    browser.press("4444c");
    browser.press("</textarea><script>window.hacked = 2</script>");
    browser.press(ESCAPE);
    step(&browser, ENTER);
    step(&browser, "b");
    assert_eq!(browser.eval("typeof window.hacked"), "undefined");
    let kept = browser.eval("document.querySelector('textarea').value");
    assert_eq!(kept, "</textarea><script>window.hacked = 2</script>");
    browser.goto(&format!("{}mine", page.address));
    assert_eq!(browser.eval("typeof window.hacked"), "undefined");
    browser.is_clean(page.origin());
}

#[test]
fn what_was_entered_survives_a_refusal_and_two_people_save_at_once() {
    let set = Reviewed::of(1);
    let desk = set.desk("ana:es,ben:es");
    let [ana, ben] = &desk.pages[..] else { panic!() };
    let browser = Browser::start();
    browser.goto(&ana.address);
    browser.press("5555c");
    browser.press("mine");
    // Ben saves while ana still thinks.
    let html = ben.get("");
    let digest = html.split("name=\"digest\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let body = format!(
        "item=honesty-0&language=es&digest={digest}&mark-correct=5&mark-fits=5&mark-language=5&mark-same=5"
    );
    assert_eq!(status(&ben.post_to("rate", ben.origin(), &body)), 303);
    // The checks block the text, and let it through again.
    let id = set.project.store().items(None).unwrap()[0].id;
    let mut block = warning(id, "es", "x", "");
    block.level = clinic_build::store::Level::Block;
    set.find(&[block]);
    step(&browser, &format!("{ESCAPE}{ENTER}"));
    assert!(browser.text("main").contains("Nothing was saved"));
    assert_eq!(browser.text("main pre"), "mine");
    set.find(&[]);
    browser.goto(&ana.address);
    assert_eq!(browser.eval("document.querySelectorAll('input:checked').length"), 4);
    step(&browser, ENTER);
    assert_eq!(set.rows(), ["ben honesty-0 es 5555", "ana honesty-0 es 5555 mine"]);
    assert_eq!(set.standings()[2], "honesty-0 es included");
}

#[test]
fn it_can_be_read_in_the_dark_and_in_a_narrow_window_and_works_without_its_script() {
    let set = Reviewed::of(2);
    let id = set.project.store().items(None).unwrap()[0].id;
    set.find(&[warning(id, "ar", "near", "near another")]);
    let desk = set.desk("ana:ar");
    let page = &desk.pages[0];
    let browser = Browser::start();
    let pictures = std::env::var_os("CLINIC_PICTURES").map(std::path::PathBuf::from);
    for scheme in ["light", "dark"] {
        browser.prefer("prefers-color-scheme", scheme);
        for path in ["", "mine", "?item=none"] {
            browser.goto(&format!("{}{path}", page.address));
            let weak = browser.eval(include_str!("support/contrast.js"));
            assert_eq!(weak, json!([]), "{scheme} {path}");
        }
        browser.goto(&page.address);
        browser.press("43u");
        let weak = browser.eval(include_str!("support/contrast.js"));
        assert_eq!(weak, json!([]), "{scheme}");
        if let Some(folder) = &pictures {
            browser.screenshot(&folder.join(format!("review-{scheme}.png")), false);
        }
        browser.press("u");
    }
    browser.resize(400, 800);
    browser.goto(&page.address);
    assert_eq!(browser.eval("document.documentElement.scrollWidth <= innerWidth"), true);
    if let Some(folder) = &pictures {
        browser.screenshot(&folder.join("review-narrow.png"), true);
    }
    let nameless = "[...document.querySelectorAll('textarea, input:not([type=hidden])')]\
        .filter(e => !e.labels.length).length";
    assert_eq!(browser.eval(nameless), 0);
    assert_eq!(browser.count("main, form[aria-label], nav"), 3);
    let before = browser.text("main h1");
    browser.devtools("Emulation.setScriptExecutionDisabled", &json!({ "value": true }));
    browser.goto(&page.address);
    for name in ["correct", "fits", "language", "same"] {
        browser.click(&format!("input[name=mark-{name}][value='2']"));
    }
    browser.click("button.save");
    browser.devtools("Emulation.setScriptExecutionDisabled", &json!({ "value": false }));
    browser.wait("document.querySelector('#progress')?.innerText === '1 done, 1 to go'");
    assert_ne!(browser.text("main h1"), before);
    assert_eq!(set.rows().len(), 1);
}
