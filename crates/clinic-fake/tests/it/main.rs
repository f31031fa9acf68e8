//! The server as a client meets it: over a socket, byte by byte where that matters.

mod actions;
mod batches;
mod binary;
mod client;
mod counts;
mod graders;
mod protocol;
mod tls;
mod wire;
