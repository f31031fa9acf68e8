//! What the hub holds: files of models, and datasets. They are kept where other programs keep them
//! (`HF_HOME`), and fetched where they are not there yet.

mod download;
#[cfg(feature = "llama")]
mod file;
mod snapshot;

use hf_hub::api::sync::{Api, ApiBuilder, ApiError};

use crate::exit::Wrong;
use download::Fault;

#[cfg(feature = "llama")]
pub use file::{Reference, told_sha256};
pub use snapshot::dataset;

/// Parts that lead nowhere else, in a path or a revision.
fn is_plain(path: &str) -> bool {
    let odd = |c: char| c.is_control() || c.is_whitespace() || "\\?#%".contains(c);
    let part = |part: &str| !part.is_empty() && part != "." && part != ".." && part.is_ascii();
    path.split('/').all(part) && !path.contains(odd)
}

/// The key of the hub, from HF_TOKEN.
fn token() -> Option<String> {
    let token = std::env::var("HF_TOKEN").ok().map(|token| token.trim().to_owned());
    token.filter(|token| !token.is_empty())
}

/// The hub, as the environment names it: HF_ENDPOINT, HF_HOME, HF_TOKEN.
fn api() -> Result<Api, ApiError> {
    let mut builder = ApiBuilder::from_env();
    if let Some(token) = token() {
        builder = builder.with_token(Some(token));
    }
    builder.build()
}

/// What the hub's refusal means, and what to do.
fn refused(wanted: &str, revision: &str, fault: &Fault, instead: &str) -> Wrong {
    let what = |why: &str| Wrong::new(format!("cannot fetch {wanted}: {why}"));
    match fault.status {
        Some(404) => {
            let kind = if wanted.starts_with("the dataset") { "dataset" } else { "file" };
            what(&format!("the hub has no such {kind} at '{revision}'"))
                .hint("check owner, repository, file and revision")
        }
        Some(401 | 403) => what("the hub wants a token that may read it").hint(
            "accept the terms on its page and put a token into the environment variable HF_TOKEN",
        ),
        _ => what(&fault.said).hint(format!(
            "try again, which goes on where it broke off, or name a local file: {instead}"
        )),
    }
}

/// A refusal of the hub's API, with its status.
fn fault(error: &ApiError) -> Fault {
    let said = error.to_string();
    let status = said.split("http status: ").nth(1).and_then(|rest| rest.get(..3)?.parse().ok());
    Fault { status, said }
}
