//! Text as it is kept: NFC, nothing that a reader does not see, white space folded, paragraphs kept.

use clinic_core::plain::revealed;
use unicode_normalization::UnicodeNormalization;

/// The text with one space between words, and one empty line at most between paragraphs.
pub fn tidy(text: &str) -> String {
    let text: String = text.nfc().collect();
    let text = text.replace("\r\n", "\n");
    let mut tidy = String::with_capacity(text.len());
    let mut empty = 0;
    let breaks = ['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];
    for line in text.split(breaks) {
        let line = revealed(&line.replace('\u{a0}', " "));
        let mut words = line.split_whitespace();
        let Some(first) = words.next() else {
            empty += 1;
            continue;
        };
        if !tidy.is_empty() {
            tidy.push_str(if empty > 0 { "\n\n" } else { "\n" });
        }
        empty = 0;
        tidy.push_str(first);
        for word in words {
            tidy.push(' ');
            tidy.push_str(word);
        }
    }
    tidy
}

/// Bytes as text: UTF-8, UTF-16 by its mark, or Windows-1252 where the bytes claim it (`charset`).
pub fn decode(bytes: &[u8], charset: Option<&str>) -> Result<String, String> {
    let units = |of: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes[2..].chunks_exact(2).map(|two| of([two[0], two[1]])).collect();
        String::from_utf16(&units).map_err(|_| "its text is not UTF-16 as it says".to_owned())
    };
    match bytes {
        [0xff, 0xfe, ..] => return units(u16::from_le_bytes),
        [0xfe, 0xff, ..] => return units(u16::from_be_bytes),
        _ => {}
    }
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok(text.strip_prefix('\u{feff}').unwrap_or(text).to_owned()),
        Err(error) => error,
    };
    let western = ["iso-8859-1", "latin1", "windows-1252", "us-ascii"];
    let charset = charset.map(|name| name.trim().trim_matches(['"', '\'']).to_ascii_lowercase());
    if charset.is_some_and(|name| western.contains(&name.as_str())) {
        return Ok(bytes.iter().map(|byte| windows_1252(*byte)).collect());
    }
    Err(format!("its text is not UTF-8 (byte {}); save it as UTF-8", error.valid_up_to() + 1))
}

/// A byte in Windows-1252, of which ISO 8859-1 is a part on the web (WHATWG, "Encoding Standard").
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_stay_and_what_nobody_sees_goes() {
        let text = "  Fiebre \t y\u{a0}tos\u{200b}\r\n\r\n\r\n \u{202e}Agua\u{7}\nreposo\n\n";
        assert_eq!(tidy(text), "Fiebre y tos\n\nAgua\nreposo");
        assert_eq!(tidy("cafe\u{301}"), "café");
        assert_eq!(tidy("a\u{85}b\u{2029}c"), "a\nb\nc");
    }

    #[test]
    fn other_encodings_are_read_where_they_say_so() {
        assert_eq!(decode(b"\xef\xbb\xbfagua", None).unwrap(), "agua");
        assert_eq!(decode(b"\xff\xfea\0g\0", None).unwrap(), "ag");
        assert_eq!(decode(b"ni\xf1o \x93s\xed\x94", Some("ISO-8859-1")).unwrap(), "niño “sí”");
        assert!(decode(b"ni\xf1o", None).unwrap_err().contains("byte 3"));
    }
}
