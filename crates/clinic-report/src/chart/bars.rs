//! Horizontal bars: a file of its own, with a title and a description for screen readers, in colours
//! that follow the reader's choice of light or dark.

use std::fmt::Write;

/// A bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// What it counts.
    pub label: String,
    /// How much; never below 0.
    pub value: f64,
}

const ROW: f64 = 26.0;
const LABELS: f64 = 190.0;
const WIDTH: f64 = 720.0;
const TOP: f64 = 48.0;

const STYLE: &str = "text{font:14px system-ui,sans-serif;fill:#1b1b1b}\
    .title{font-size:16px;font-weight:600}.bar{fill:#2a6f97}\
    @media(prefers-color-scheme:dark){svg{background:#16191d}text{fill:#e8e8e8}.bar{fill:#7ab8dc}}";

/// Horizontal bars, in the order given, each with its value behind it.
pub fn bars(title: &str, bars: &[Bar]) -> String {
    let most = bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
    let height = TOP + ROW * bars.len() as f64 + 12.0;
    let title = escape(title);
    let said: Vec<String> =
        bars.iter().map(|bar| format!("{}: {}", escape(&bar.label), shown(bar.value))).collect();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-labelledby=\"title desc\"><title id=\"title\">{title}</title>\
         <desc id=\"desc\">{}</desc><style>{STYLE}</style>\
         <text class=\"title\" x=\"12\" y=\"28\">{title}</text>\n",
        said.join("; ")
    );
    for (i, bar) in bars.iter().enumerate() {
        let y = TOP + ROW * i as f64;
        let full = WIDTH - LABELS - 80.0;
        let long = if most > 0.0 { full * bar.value / most } else { 0.0 };
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\
             <rect class=\"bar\" x=\"{LABELS}\" y=\"{y}\" width=\"{long:.1}\" height=\"{}\"/>\
             <text x=\"{:.1}\" y=\"{}\">{}</text>",
            LABELS - 8.0,
            y + 15.0,
            escape(&bar.label),
            ROW - 6.0,
            LABELS + long + 6.0,
            y + 15.0,
            shown(bar.value)
        );
    }
    svg.push_str("</svg>\n");
    svg
}

fn shown(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.1}") }
}

/// Text of foreign files, safe inside XML.
fn escape(text: &str) -> String {
    let mut safe = String::new();
    for c in text.chars().filter(|c| !c.is_control()) {
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_values() {
        let bar = |label: &str, value| Bar { label: label.into(), value };
        let svg = bars("A & B", &[bar("<x>", 10.0), bar("y", 5.0), bar("z", 0.0)]);
        for part in
            ["A &amp; B", "&lt;x&gt;", "width=\"450.0\"", "width=\"225.0\"", "width=\"0.0\""]
        {
            assert!(svg.contains(part), "{part} is not in {svg}");
        }
        assert!(!svg.contains("<x>"));
        assert!(bars("none", &[]).ends_with("</svg>\n"));
    }
}
