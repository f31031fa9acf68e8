//! Small PDFs, honest and not, and what becomes of them.

use super::*;

/// A PDF of one page with these lines, in the letters of Western Europe.
pub fn with_lines(lines: &[&str]) -> Vec<u8> {
    let mut content = b"BT /F1 12 Tf 14 TL 40 700 Td\n".to_vec();
    for line in lines {
        content.push(b'(');
        for c in line.chars() {
            if "()\\".contains(c) {
                content.push(b'\\');
            }
            content.push(u8::try_from(u32::from(c)).unwrap_or(b'?'));
        }
        content.extend_from_slice(b") Tj T*\n");
    }
    content.extend_from_slice(b"ET");
    let mut stream = format!("<< /Length {} >>\nstream\n", content.len()).into_bytes();
    stream.extend_from_slice(&content);
    stream.extend_from_slice(b"\nendstream");
    let font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>";
    of_objects(&[
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R \
          /Resources << /Font << /F1 5 0 R >> >> >>",
        &stream,
        font.as_bytes(),
    ])
}

/// A PDF of these objects, of which the first is its catalogue.
fn of_objects(objects: &[&[u8]]) -> Vec<u8> {
    let mut pdf = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (i, object) in objects.iter().enumerate() {
        places.push(pdf.len());
        pdf.extend_from_slice(format!("{} 0 obj\n", i + 1).as_bytes());
        pdf.extend_from_slice(object);
        pdf.extend_from_slice(b"\nendobj\n");
    }
    let table = pdf.len();
    let mut end = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for place in places {
        end.push_str(&format!("{place:010} 00000 n \n"));
    }
    let size = objects.len() + 1;
    end.push_str(&format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n"));
    pdf.extend_from_slice(end.as_bytes());
    pdf
}

#[test]
fn a_pdf_that_breaks_its_reader_is_dropped_and_the_others_stay() {
    let bench = project(&source("folder", "documents", ""));
    bench.write("p/documents/en/a.txt", ENGLISH);
    // A page whose parent is itself: whoever looks for its resources never ends.
    let endless = of_objects(&[
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 3 0 R /Contents 4 0 R >>",
        b"<< /Length 0 >>\nstream\n\nendstream",
    ]);
    bench.write("p/documents/en/endless.pdf", endless);
    let mut cut = with_lines(&[ENGLISH]);
    cut.truncate(cut.len() / 2);
    bench.write("p/documents/en/cut.pdf", cut);
    bench.write("p/documents/en/no.pdf", "<html>not a PDF</html>");
    bench.write("p/documents/es/z.txt", SPANISH);
    let json = collect(&bench).exits(0).json();
    assert!(why(&json, "endless.pdf").contains("its reader broke down"), "{json:#}");
    assert!(why(&json, "cut.pdf").starts_with("unreadable"), "{json:#}");
    assert!(why(&json, "no.pdf").contains("it is no PDF"), "{json:#}");
    assert_eq!(current(&bench).len(), 2);
}

#[test]
fn letters_beyond_ascii_are_read() {
    let bench = project(&source("folder", "documents", ""));
    let lines: Vec<&str> = SPANISH.split_inclusive(' ').collect();
    let lines: Vec<String> = lines.chunks(8).map(|words| words.concat()).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    bench.write("p/documents/es/manos.pdf", with_lines(&lines));
    collect(&bench).exits(0);
    let all = documents(&bench);
    assert_eq!(all.len(), 1);
    assert!(all[0].text.contains("también entre los dedos"), "{}", all[0].text);
    assert!(all[0].title.starts_with("Lávese las manos"), "{}", all[0].title);
}
