mod judged;
mod plain;
mod starter;
mod support;
