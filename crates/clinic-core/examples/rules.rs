//! Measures the lexical rules on the held-out cases and writes `docs/rules.md`: `make rules`. With
//! `KIND` or `KIND LANGUAGE`, lists the other cases that are wrong or untold instead.

#[path = "../tests/support/measure.rs"]
mod measure;

#[allow(clippy::print_stdout)]
fn main() -> std::io::Result<()> {
    let cases = measure::all();
    let mut arguments = std::env::args().skip(1);
    if let Some(kind) = arguments.next() {
        let language = arguments.next();
        for case in cases.iter().filter(|case| case.kind == kind && !case.held_out) {
            if case.is_right() {
                continue;
            }
            if language.as_ref().is_none_or(|language| case.language == *language) {
                let found = case.found.as_deref().unwrap_or("cannot tell");
                let mark = if case.is_wrong() { "WRONG" } else { "untold" };
                println!(
                    "{mark} {} {}: {found}\n    {}",
                    case.language, case.expected, case.response
                );
            }
        }
        return Ok(());
    }
    let held_out: Vec<measure::Case> = cases.into_iter().filter(|case| case.held_out).collect();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/rules.md");
    let before = std::fs::read_to_string(path).unwrap_or_default();
    let (frame, _) = before.split_once("## Precision").unwrap_or((&before, ""));
    std::fs::write(path, format!("{frame}{}", measure::tables(&held_out)))
}
