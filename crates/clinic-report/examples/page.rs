//! Writes the page of an analysis made by hand, to look at: `page RUNS LANGUAGES FILE`.

#[path = "../tests/support/analysis.rs"]
mod analysis;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [runs, languages, file] = arguments.as_slice() else {
        return Err("page takes RUNS LANGUAGES FILE".into());
    };
    let analysis = analysis::analysis(runs.parse()?, languages.parse()?);
    std::fs::write(file, clinic_report::html::page(&analysis))?;
    Ok(())
}
