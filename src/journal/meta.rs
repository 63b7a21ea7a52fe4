//! What a journal says of itself: its format, whose it is, what was forgotten. Texts, each with a checksum.

use super::seal;
use crate::data::Usages;
use redb::{ReadableTable, TableDefinition};

/// The texts, by their names.
pub(super) const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
/// Those without which nothing of the rest is of use, a second time, on a page of their own.
pub(super) const AGAIN: TableDefinition<&str, &[u8]> = TableDefinition::new("meta again");

/// The format's version.
pub(super) const FORMAT: &str = "format";
/// The identity of the run.
pub(super) const IDENTITY: &str = "identity";
/// What forgotten replies took: JSON of `Usages`. A journal in which nothing was forgotten has none.
pub(super) const FORGOTTEN: &str = "forgotten";
/// How many attempts were repetitions, in all sessions. A journal without any has none.
pub(super) const REPEATED: &str = "repeated";
/// Every name.
pub(super) const NAMES: [&str; 4] = [FORMAT, IDENTITY, FORGOTTEN, REPEATED];

/// Tells whether a text is written twice.
pub(super) fn is_twice(name: &str) -> bool {
    matches!(name, FORMAT | IDENTITY)
}

/// Puts a text into the form in which it is written.
pub(super) fn encode(name: &str, text: &str) -> Vec<u8> {
    let sum = seal::sum("meta", name.as_bytes(), text.as_bytes());
    [&sum[..], text.as_bytes()].concat()
}

/// Reads a text; `None` where it is not as it was written.
pub(super) fn decode<'a>(name: &str, bytes: &'a [u8]) -> Option<&'a str> {
    let (sum, text) = bytes.split_at_checked(seal::LENGTH)?;
    (sum == seal::sum("meta", name.as_bytes(), text)).then(|| std::str::from_utf8(text).ok())?
}

/// Reads a text out of its table, `None` where there is none.
pub(super) fn read(
    table: &impl ReadableTable<&'static str, &'static [u8]>,
    name: &str,
) -> Result<Option<String>, redb::Error> {
    let Some(value) = table.get(name)? else { return Ok(None) };
    match decode(name, value.value()) {
        Some(text) => Ok(Some(text.to_owned())),
        None => Err(redb::Error::Corrupted(format!("its `{name}` is not as it was written"))),
    }
}

/// Writes what a journal cannot do without, in both places.
pub(super) fn write_twice(tx: &redb::WriteTransaction, texts: &[(&str, &str)]) -> Result<(), redb::Error> {
    for table in [META, AGAIN] {
        let mut table = tx.open_table(table)?;
        for (name, text) in texts {
            table.insert(*name, encode(name, text).as_slice())?;
        }
    }
    Ok(())
}

/// Reads what forgotten replies took.
pub(super) fn forgotten(
    table: &impl ReadableTable<&'static str, &'static [u8]>,
) -> Result<Usages, redb::Error> {
    let text = read(table, FORGOTTEN)?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// Reads how many attempts were repetitions.
pub(super) fn repeated(table: &impl ReadableTable<&'static str, &'static [u8]>) -> Result<u64, redb::Error> {
    Ok(read(table, REPEATED)?.and_then(|text| text.parse().ok()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_under_its_own_name_and_as_it_was_written_only() {
        let bytes = encode("identity", "{\"seed\":7}");
        assert_eq!(decode("identity", &bytes), Some("{\"seed\":7}"));
        assert_eq!(decode("format", &bytes), None);
        for bit in 0..bytes.len() * 8 {
            let mut altered = bytes.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(decode("identity", &altered), None, "bit {bit}");
        }
    }
}
