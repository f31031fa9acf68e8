//! `clinic view` while it serves.

use super::{Bench, Outcome, Running, until};

/// A page that is served until it is dropped.
pub struct Page {
    running: Option<Running>,
    /// Its address, token included, without a query.
    pub address: String,
}

impl Page {
    /// Starts `clinic view` with arguments separated by spaces.
    #[track_caller]
    pub fn of(bench: &Bench, arguments: &str) -> Self {
        let running = bench.start(&format!("view {arguments}"));
        until("an address", || running.stdout().ends_with('\n'));
        let address = running.stdout().trim().split('?').next().unwrap().to_owned();
        Self { running: Some(running), address }
    }

    /// The address of a query.
    pub fn at(&self, query: &str) -> String {
        format!("{}?{query}", self.address)
    }

    /// `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> &str {
        self.address.rsplitn(3, '/').nth(2).unwrap()
    }

    /// Ends it as Ctrl-C does.
    pub fn end(mut self) -> Outcome {
        let running = self.running.take().unwrap();
        running.signal("INT");
        running.end()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.kill();
        }
    }
}
