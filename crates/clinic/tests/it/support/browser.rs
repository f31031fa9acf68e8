//! A real browser without a window: Chromium, told what to do by chromedriver over plain JSON.
//!
//! What may go wrong in a page fails the test: each call panics with the driver's own words, also
//! where a dialog has opened. The browser ends with the test, however that ends.

use std::cell::RefCell;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::Agent;

use super::until;

/// One browser at a time: each takes as many cores as it finds.
static TURN: Mutex<()> = Mutex::new(());

/// Longest that the driver may take for one command.
const PATIENCE: Duration = Duration::from_secs(60);

/// The key under which the protocol names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser with one page.
pub struct Browser {
    driver: Child,
    agent: Agent,
    /// Where commands go.
    session: String,
    /// Entries of the logs: the driver gives each away once.
    console: RefCell<Vec<Value>>,
    requests: RefCell<Vec<String>>,
    _profile: TempDir,
    _turn: MutexGuard<'static, ()>,
}

impl Browser {
    /// Starts a browser with an empty page, 1280 by 800 pixels.
    pub fn start() -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|e| panic!("chromedriver: {e}: run scripts/setup.sh browser"));
        let mut said = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = loop {
            let line = said.next().expect("chromedriver tells its port").unwrap();
            if let Some((_, port)) = line.split_once("successfully on port ") {
                break port.trim_end_matches('.').to_owned();
            }
        };
        // A full pipe would stop it.
        std::thread::spawn(move || said.for_each(drop));
        let agent = Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .build()
            .into();
        let mut browser = Self {
            driver,
            agent,
            session: format!("http://127.0.0.1:{port}/session"),
            console: RefCell::default(),
            requests: RefCell::default(),
            _profile: TempDir::new().unwrap(),
            _turn: turn,
        };
        let profile = format!("--user-data-dir={}", browser._profile.path().display());
        // No sandbox, since root has none and the pages are our own; no name is looked up, so that
        // nothing leaves this machine whatever a page asks for.
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-first-run",
            "--lang=en-US",
            "--window-size=1280,800",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
            &profile,
        ];
        let wishes = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        } } });
        let session = browser.post("", &wishes);
        browser.session += &format!("/{}", session["sessionId"].as_str().unwrap());
        browser
    }

    /// Opens an address and waits until all of the page is there.
    pub fn goto(&self, url: &str) {
        self.post("/url", &json!({ "url": url }));
    }

    /// Opens a file.
    pub fn open(&self, file: &Path) {
        self.goto(&format!("file://{}", fs::canonicalize(file).unwrap().display()));
    }

    /// The address that the page has now.
    pub fn url(&self) -> String {
        self.eval("location.href").as_str().unwrap().to_owned()
    }

    /// The value of an expression in JavaScript.
    pub fn eval(&self, expression: &str) -> Value {
        let script = format!("return ({expression})");
        self.post("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Waits until an expression holds.
    #[track_caller]
    pub fn wait(&self, expression: &str) {
        until(expression, || self.eval(&format!("Boolean({expression})")) == true);
    }

    /// The text of the first element that a CSS selector finds, as it is shown.
    pub fn text(&self, css: &str) -> String {
        self.eval(&format!("document.querySelector({}).innerText", json!(css)))
            .as_str()
            .unwrap_or_else(|| panic!("no {css}"))
            .to_owned()
    }

    /// How many elements a selector finds.
    pub fn count(&self, css: &str) -> usize {
        let n = self.eval(&format!("document.querySelectorAll({}).length", json!(css)));
        usize::try_from(n.as_u64().unwrap()).unwrap()
    }

    /// Clicks where an element is, as a mouse does.
    pub fn click(&self, css: &str) {
        self.post(&format!("/element/{}/click", self.element(css)), &json!({}));
    }

    /// Types into a field after what it holds.
    pub fn fill(&self, css: &str, text: &str) {
        self.post(&format!("/element/{}/value", self.element(css)), &json!({ "text": text }));
    }

    /// Empties a field.
    pub fn clear(&self, css: &str) {
        self.post(&format!("/element/{}/clear", self.element(css)), &json!({}));
    }

    /// Presses keys one after another, wherever the focus is. `\u{e007}` is Enter, `\u{e00c}` Escape,
    /// `\u{e004}` Tab (WebDriver, 17.4.2).
    pub fn press(&self, keys: &str) {
        let strokes = |key: char| ["keyDown", "keyUp"].map(|t| json!({ "type": t, "value": key }));
        let actions: Vec<Value> = keys.chars().flat_map(strokes).collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": actions });
        self.post("/actions", &json!({ "actions": [keyboard] }));
    }

    /// A command of the DevTools protocol, such as `Emulation.setEmulatedMedia`.
    pub fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.post("/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// Gives the page another size in pixels.
    pub fn resize(&self, width: u32, height: u32) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Shows the page as a system with this taste has it: `prefers-color-scheme`, `dark`, say.
    pub fn prefer(&self, feature: &str, value: &str) {
        let features = json!({ "features": [{ "name": feature, "value": value }] });
        self.devtools("Emulation.setEmulatedMedia", &features);
    }

    /// Writes a picture, PNG, of the window or of the whole page.
    pub fn screenshot(&self, file: &Path, whole: bool) {
        let mut wish = json!({ "format": "png", "captureBeyondViewport": whole });
        if whole {
            wish["clip"] = self.eval(
                "({ x: 0, y: 0, scale: 1, width: document.documentElement.scrollWidth, \
                 height: document.documentElement.scrollHeight })",
            );
        }
        let picture = self.devtools("Page.captureScreenshot", &wish);
        let bytes = BASE64_STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }

    /// What the console has shown since the start, each with its level: `SEVERE`, `WARNING`, `INFO`.
    pub fn console(&self) -> Vec<String> {
        let new = self.log("browser");
        let mut all = self.console.borrow_mut();
        all.extend(new);
        let line = |entry: &Value| format!("{} {}", text(&entry["level"]), text(&entry["message"]));
        all.iter().map(line).collect()
    }

    /// Every address that its pages asked for since the start, `data:` among them.
    pub fn requests(&self) -> Vec<String> {
        let new = self.log("performance").into_iter().filter_map(|entry| {
            let event: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            let message = &event["message"];
            let url = text(&message["params"]["request"]["url"]);
            // The browser's own page for an empty tab is none of ours.
            (message["method"] == "Network.requestWillBeSent" && !url.starts_with("chrome://"))
                .then(|| url.to_owned())
        });
        let mut all = self.requests.borrow_mut();
        all.extend(new);
        all.clone()
    }

    /// Fails if the console has shown an error or a warning, or if a page has asked for anything that
    /// does not begin with `place`: `file://`, say.
    #[track_caller]
    pub fn is_clean(&self, place: &str) {
        let bad = |line: &String| line.starts_with("SEVERE") || line.starts_with("WARNING");
        let complaints: Vec<String> = self.console().into_iter().filter(bad).collect();
        assert!(complaints.is_empty(), "the console shows {complaints:#?}");
        let own = |url: &String| url.starts_with(place) || url.starts_with("data:");
        let mut foreign = self.requests();
        foreign.retain(|url| !own(url));
        assert!(foreign.is_empty(), "requests leave {place}: {foreign:#?}");
    }

    fn element(&self, css: &str) -> String {
        let found = self.post("/element", &json!({ "using": "css selector", "value": css }));
        text(&found[ELEMENT]).to_owned()
    }

    fn log(&self, kind: &str) -> Vec<Value> {
        match self.post("/se/log", &json!({ "type": kind })) {
            Value::Array(entries) => entries,
            other => panic!("no log: {other}"),
        }
    }

    /// Sends a command and gives its value.
    #[track_caller]
    fn post(&self, command: &str, body: &Value) -> Value {
        let url = format!("{}{command}", self.session);
        let mut response = self
            .agent
            .post(&url)
            .content_type("application/json")
            .send(body.to_string())
            .unwrap_or_else(|e| panic!("{command}: {e}"));
        let whole = response.body_mut().with_config().limit(1 << 28).read_to_string().unwrap();
        let reply: Value = serde_json::from_str(&whole).unwrap();
        let value = &reply["value"];
        assert!(
            response.status().is_success(),
            "{command} {body}: {}: {}{}",
            text(&value["error"]),
            text(&value["message"]),
            if command.is_empty() { ": run scripts/setup.sh browser" } else { "" }
        );
        value.clone()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver ends the browser; what is left of it has nobody to tell it what to do.
        let _ = self.agent.delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
