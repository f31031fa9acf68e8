//! PDF to text. A reader of PDF can be made to recurse, to wait or to take memory without end, so
//! that the program gives the step one that works in a process of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::super::why::Why;
use super::Page;
use super::text::tidy;

/// Characters of text that a PDF may hold.
pub const MOST: usize = 8 << 20;

/// Reads the text of a PDF, in bounded time and memory; or tells why not.
pub type Reader = Arc<dyn Fn(&[u8]) -> Result<String, String> + Send + Sync>;

/// The text of a PDF. Panics of the reader become errors; what else a hostile file may do to a
/// process is not held back here.
pub fn text(bytes: &[u8]) -> Result<String, String> {
    let read = AssertUnwindSafe(|| pdf_extract::extract_text_from_mem(bytes));
    match catch_unwind(read) {
        Ok(Ok(text)) => Ok(text),
        Ok(Err(error)) => Err(format!("the PDF cannot be read: {error}")),
        Err(_) => Err("the PDF is damaged, or of a kind that cannot be read".into()),
    }
}

/// A PDF's text; its title is left to its first line.
pub(super) fn page(bytes: &[u8], reader: &Reader) -> Result<Page, Why> {
    // The mark may stand behind other bytes, as readers of PDF allow.
    if !bytes[..bytes.len().min(1024)].windows(5).any(|five| five == b"%PDF-") {
        return Err(Why::Unreadable("it is no PDF".into()));
    }
    let text = reader(bytes).map_err(Why::Unreadable)?;
    if text.len() > MOST {
        return Err(Why::Long(format!("its text has more than {MOST} bytes")));
    }
    let text = tidy(&text);
    if !text.chars().any(char::is_alphanumeric) {
        return Err(Why::NoText("no text in it; is it a scan?".into()));
    }
    Ok(Page { title: String::new(), text })
}
