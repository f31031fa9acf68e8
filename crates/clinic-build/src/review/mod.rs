//! Step 5: people rate items, and a rule says which texts may be published.
//!
//! In go texts that checks have let through, out come ratings; nothing is ever overwritten.
//! What people need to know: `docs/build/review.md`.

mod agreement;
#[cfg(test)]
mod fixture;
mod page;
mod queue;
mod rule;
mod sheet;
mod texts;

pub use agreement::{AgreementRow, Figure, INCLUDE, UNSAFE, agreement};
pub use page::Pages;
pub use queue::{Counts, NameError, Reviewer, check_names};
pub use rule::Standing;
pub use sheet::{Exported, Imported, Wrong, export, import};
pub use texts::{Key, ready, standings};
