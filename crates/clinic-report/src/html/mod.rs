//! An analysis as one page that needs nothing else.

use std::fmt::Write;

use crate::analysis::Analysis;
use crate::formats::sheets;

/// The page: its tables, one below the other.
pub fn page(analysis: &Analysis) -> String {
    let mut html = String::from(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>clinic report</title>",
    );
    for sheet in sheets(analysis) {
        let _ =
            write!(html, "<h2>{}</h2><p>{}</p><table>", escape(&sheet.title), escape(&sheet.note));
        for row in std::iter::once(&sheet.header).chain(&sheet.rows) {
            let cells: Vec<String> =
                row.iter().map(|c| format!("<td>{}</td>", escape(c))).collect();
            let _ = write!(html, "<tr>{}</tr>", cells.join(""));
        }
        html.push_str("</table>");
    }
    html
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
