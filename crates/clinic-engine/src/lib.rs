//! Models, scorers and the run: everything that waits for something.

pub mod model;
