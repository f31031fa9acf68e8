//! `clinic build`: from source documents to a validated set, a step a file.

mod init;
mod step;

pub use init::init;
