//! `clinic build`: from source documents to a validated set, a step a file.

mod collect;
mod check;
mod init;
mod pdf;
mod agreement;
mod init;
mod review;
mod publish;
mod status;
mod map;
mod step;
mod write;

pub use collect::collect;
pub use check::check;
pub use init::init;
pub use pdf::read as pdf_text;
pub use review::review;
pub use publish::publish;
pub use status::status;
pub use map::map;
pub use write::write;
