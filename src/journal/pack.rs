//! How the text of a value is written: compressed with a dictionary that holds what all such texts share.
//!
//! `form (1 byte), length (4 bytes, little-endian, compressed texts only), bytes`. The dictionary belongs to the format's
//! version: what was packed with one cannot be read with another. To make it anew (with a new format version only):
//! `toolloom run --set output=output/sample --set instruct.tasks=40`, then
//! `TOOLLOOM_SAMPLE=output/sample/journal.redb cargo test --lib journal::pack -- --ignored`.

use std::cell::RefCell;
use std::sync::LazyLock;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

/// Records and a reply as they are written, one after another.
const DICTIONARY: &[u8] = include_bytes!("dictionary.txt");
/// A record of 6.7 KB becomes 680 bytes in some hundredths of a millisecond; level 5 would make it 610, level 1 700.
const LEVEL: i32 = 3;

const PLAIN: u8 = 0;
const PACKED: u8 = 1;

static ENCODER: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(DICTIONARY, LEVEL));
static DECODER: LazyLock<DecoderDictionary<'static>> = LazyLock::new(|| DecoderDictionary::copy(DICTIONARY));

thread_local! {
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> =
        RefCell::new(Compressor::with_prepared_dictionary(&ENCODER).ok());
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> =
        RefCell::new(Decompressor::with_prepared_dictionary(&DECODER).ok());
}

/// Appends a text as it is: what is compressed already gains nothing.
pub(super) fn plain(text: &[u8], into: &mut Vec<u8>) {
    into.push(PLAIN);
    into.extend_from_slice(text);
}

/// Appends a text, compressed where that makes it shorter.
pub(super) fn pack(text: &[u8], into: &mut Vec<u8>) {
    let packed = COMPRESSOR.with_borrow_mut(|compressor| compressor.as_mut()?.compress(text).ok());
    match (packed, u32::try_from(text.len())) {
        (Some(packed), Ok(length)) if packed.len() + 4 < text.len() => {
            into.push(PACKED);
            into.extend_from_slice(&length.to_le_bytes());
            into.extend_from_slice(&packed);
        }
        _ => plain(text, into),
    }
}

/// Reads a text back; `None` where the bytes are none that were written here.
pub(super) fn unpack(bytes: &[u8]) -> Option<Vec<u8>> {
    let (form, rest) = bytes.split_first()?;
    match *form {
        PLAIN => Some(rest.to_vec()),
        PACKED => {
            let (length, packed) = rest.split_first_chunk::<4>()?;
            let length = u32::from_le_bytes(*length) as usize;
            let text = DECOMPRESSOR
                .with_borrow_mut(|decompressor| decompressor.as_mut()?.decompress(packed, length).ok())?;
            (text.len() == length).then_some(text)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Look;
    use std::path::Path;

    /// Bytes of the dictionary: twice as many would save 60 bytes a record, a quarter would cost 70.
    const MOST: usize = 16 << 10;

    #[test]
    fn texts_are_read_back_and_what_all_share_takes_no_room() {
        let shared = &DICTIONARY[..DICTIONARY.len().min(6000)];
        for text in [&b""[..], b"x", b"{\"ordinal\":0}", shared] {
            let mut bytes = Vec::new();
            pack(text, &mut bytes);
            assert_eq!(unpack(&bytes).as_deref(), Some(text));
            let mut bytes = Vec::new();
            plain(text, &mut bytes);
            assert_eq!(unpack(&bytes).as_deref(), Some(text));
        }
        let mut bytes = Vec::new();
        pack(shared, &mut bytes);
        assert!(bytes.len() < 100, "{}", bytes.len());
    }

    #[test]
    fn what_was_never_written_is_no_text() {
        let mut bytes = Vec::new();
        pack(&b"the same again ".repeat(40), &mut bytes);
        for cut in 0..bytes.len() {
            assert_eq!(unpack(&bytes[..cut]), None, "{cut}");
        }
        assert_eq!(unpack(&[9, 1, 2]), None);
    }

    #[test]
    #[ignore = "writes the dictionary anew, with a new version of the format only"]
    fn the_dictionary_is_made_of_a_run() {
        let sample = std::env::var("TOOLLOOM_SAMPLE").unwrap();
        let records = Look::open(Path::new(&sample)).unwrap().tasks().unwrap();
        let mut texts: Vec<String> = Vec::new();
        let mut bytes = 0;
        // Those in the middle by length: neither refusals nor monsters.
        let mut all: Vec<String> = records.iter().map(|r| serde_json::to_string(r).unwrap()).collect();
        all.sort_by_key(String::len);
        for text in all.into_iter().skip(records.len() / 3) {
            if bytes + text.len() > MOST {
                break;
            }
            bytes += text.len();
            texts.push(text);
        }
        let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/journal/dictionary.txt");
        std::fs::write(place, texts.concat()).unwrap();
    }
}
