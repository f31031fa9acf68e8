//! `clinic build`: from source documents to a validated set, a step a file.

mod collect;
mod init;
mod pdf;
mod step;

pub use collect::collect;
pub use init::init;
pub use pdf::read as pdf_text;
