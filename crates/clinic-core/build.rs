//! Builds again when a compiled-in file is added or removed, which `include_dir` alone cannot see.
fn main() {
    for folder in ["tasks", "data/starter", "rules", "attacks"] {
        println!("cargo:rerun-if-changed=../../{folder}");
    }
}
