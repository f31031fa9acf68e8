//! `clinic build`: from source documents to a validated set, a step a file.

mod agreement;
mod check;
mod collect;
mod init;
mod map;
mod pdf;
mod publish;
mod review;
mod status;
mod step;
mod write;

pub use check::check;
pub use collect::collect;
pub use init::init;
pub use map::map;
pub use pdf::read as pdf_text;
pub use publish::publish;
pub use review::review;
pub use status::status;
pub use write::write;
