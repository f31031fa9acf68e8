//! The tests' browser itself: what the tests of pages lean on must be seen to fail.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tempfile::TempDir;

use crate::support::Browser;

#[test]
fn it_reads_types_and_sees_what_a_page_does() {
    let folder = TempDir::new().unwrap();
    let page = folder.path().join("page.html");
    let html = "<!doctype html><meta charset=utf-8><link rel=icon href='data:,'><title>t</title>\
        <p id=p dir=auto>مرحبا</p><input id=i><button id=b>b</button><script>\
        b.onclick = () => p.textContent = i.value;\
        document.onkeydown = e => document.title += e.key;</script>";
    std::fs::write(&page, html).unwrap();
    let browser = Browser::start();
    browser.open(&page);
    assert_eq!(browser.eval("getComputedStyle(p).direction"), "rtl");
    browser.fill("#i", "typed");
    browser.click("#b");
    assert_eq!(browser.text("#p"), "typed");
    browser.clear("#i");
    browser.click("#b");
    assert_eq!((browser.text("#p").as_str(), browser.count("p, input")), ("", 2));
    browser.resize(400, 600);
    assert_eq!(browser.eval("innerWidth"), 400);
    browser.prefer("prefers-color-scheme", "dark");
    assert_eq!(browser.eval("matchMedia('(prefers-color-scheme: dark)').matches"), true);
    assert!(browser.url().starts_with("file://"));
    browser.press("j\u{e00c}");
    browser.wait("document.title.endsWith('jEscape')");
    browser.screenshot(&folder.path().join("page.png"), true);
    let picture = std::fs::read(folder.path().join("page.png")).unwrap();
    assert!(picture.starts_with(b"\x89PNG") && picture.len() > 1000);
    browser.is_clean("file://");

    let fails = |what: &dyn Fn()| catch_unwind(AssertUnwindSafe(what)).is_err();
    assert!(fails(&|| browser.click("#nothing")));
    browser.eval("console.error('spoken')");
    assert!(fails(&|| browser.is_clean("file://")));
    assert!(browser.console().iter().any(|line| line.contains("spoken")));
    browser.eval("void fetch('http://example.invalid/x').catch(() => 0)");
    browser.wait("true");
    assert!(browser.requests().iter().any(|url| url == "http://example.invalid/x"));
    browser.eval("void setTimeout(() => alert('boo'))");
    assert!(fails(&|| (0..100).for_each(|_| drop(browser.eval("1")))));
}

/// A page of the report or the view is shown in fonts that have its letters.
#[test]
fn all_scripts_have_a_font() {
    let browser = Browser::start();
    browser.goto("data:text/html,<meta charset=utf-8><canvas id=c width=60 height=60></canvas>");
    // What has no font is drawn as the same box as a letter that nobody has.
    let drawn = "(() => { const pen = c.getContext('2d'); pen.font = '40px sans-serif'; \
        const draw = t => { pen.clearRect(0, 0, 60, 60); pen.fillText(t, 5, 45); \
        return c.toDataURL(); }; const box = draw('\\u{10FFFE}'); \
        return [...'এकनعД汉あ한ế\u{10FFFD}'].filter(t => draw(t) === box); })()";
    // The last is nobody's: it shows that what is missing is found.
    let missing = serde_json::json!(["\u{10FFFD}"]);
    assert_eq!(browser.eval(drawn), missing, "run scripts/setup.sh browser");
}
