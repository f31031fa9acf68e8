//! Texts made alike for comparing quotes: NFKC, small letters, one space, one sort of quotation mark.

use unicode_normalization::UnicodeNormalization;

/// The text without what two copies of one passage may differ in.
pub(super) fn folded(text: &str) -> String {
    let plain = clinic_core::plain::revealed(text);
    let letters = plain.nfkc().flat_map(char::to_lowercase).filter_map(|c| match c {
        '"' | '“' | '”' | '„' | '‟' | '«' | '»' | '「' | '」' | '『' | '』' | '‘' | '’' | '‚'
        | '‛' | '‹' | '›' | '\'' | '`' | '´' | 'ʼ' => None,
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => Some('-'),
        c if c.is_whitespace() => Some(' '),
        c => Some(c),
    });
    let mut folded = String::with_capacity(text.len());
    for c in letters {
        if c != ' ' || !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(c);
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}
