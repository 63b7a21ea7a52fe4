//! What is written of a finished task: a mark, a checksum, the record.
//!
//! `mark (1 byte), checksum (8 bytes), record (JSON, packed)`. A run that begins reads the marks alone.

use super::{pack, seal};
use crate::data::{Stage, TaskRecord};

const HEAD: usize = 1 + seal::LENGTH;

/// What came of a finished task, as far as a run that goes on must know. The places are persisted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskMark {
    /// No task was made, or it was refused.
    Refused,
    /// It was made, and no answer was found.
    Unanswered,
    /// It was made and answered.
    Answered,
}

impl TaskMark {
    const ALL: [Self; 3] = [Self::Refused, Self::Unanswered, Self::Answered];

    /// Returns the mark of a record.
    pub fn of(record: &TaskRecord) -> Self {
        match &record.refused {
            Some(reason) if reason.stage <= Stage::Instruct => Self::Refused,
            _ if record.is_answered() => Self::Answered,
            _ => Self::Unanswered,
        }
    }
}

/// Puts a record into the form in which it is written.
pub(super) fn encode(record: &TaskRecord) -> Vec<u8> {
    let text = serde_json::to_vec(record).expect("a record is plain data");
    of_text(record.ordinal, TaskMark::of(record), &text)
}

/// Puts a record's text into the form in which it is written.
pub(super) fn of_text(ordinal: u64, mark: TaskMark, text: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; HEAD];
    bytes[0] = mark as u8;
    pack::pack(text, &mut bytes);
    let sum = sum(ordinal, &bytes);
    bytes[1..HEAD].copy_from_slice(&sum);
    bytes
}

/// Reads the mark alone.
pub(super) fn mark(bytes: &[u8]) -> Option<TaskMark> {
    TaskMark::ALL.get(usize::from(*bytes.first()?)).copied()
}

/// Tells whether a value is as it was written, under this ordinal.
pub(super) fn is_whole(ordinal: u64, bytes: &[u8]) -> bool {
    bytes.len() > HEAD && bytes[1..HEAD] == sum(ordinal, bytes)
}

/// Reads a record's text; `None` where it is not as it was written.
pub(super) fn text(ordinal: u64, bytes: &[u8]) -> Option<Vec<u8>> {
    is_whole(ordinal, bytes).then(|| pack::unpack(&bytes[HEAD..]))?
}

/// Reads a record. The cause is told where that fails.
pub(super) fn decode(ordinal: u64, bytes: &[u8]) -> Result<TaskRecord, String> {
    let text = text(ordinal, bytes).ok_or("its bytes are not those that were written")?;
    serde_json::from_slice(&text).map_err(|error| error.to_string())
}

fn sum(ordinal: u64, bytes: &[u8]) -> [u8; seal::LENGTH] {
    let mark = [bytes[0]];
    seal::sum("task", &[&ordinal.to_be_bytes()[..], &mark].concat(), &bytes[HEAD..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Reason;

    #[test]
    fn a_mark_says_how_far_a_task_came() {
        let mut record = TaskRecord::default();
        assert_eq!(TaskMark::of(&record), TaskMark::Unanswered);
        record.refused = Some(Reason::new(Stage::Instruct, "x", "y"));
        assert_eq!(TaskMark::of(&record), TaskMark::Refused);
        record.refused = Some(Reason::new(Stage::Search, "x", "y"));
        assert_eq!(TaskMark::of(&record), TaskMark::Unanswered);
        for mark in TaskMark::ALL {
            assert_eq!(super::mark(&of_text(0, mark, b"{}")), Some(mark));
        }
    }

    #[test]
    fn every_altered_bit_and_another_ordinal_are_found() {
        let record =
            TaskRecord { ordinal: 7, system: "Today is Monday. ".repeat(30), ..TaskRecord::default() };
        let bytes = encode(&record);
        assert_eq!(decode(7, &bytes), Ok(record));
        assert!(!is_whole(8, &bytes));
        for bit in 0..bytes.len() * 8 {
            let mut altered = bytes.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(!is_whole(7, &altered) && decode(7, &altered).is_err(), "bit {bit}");
        }
        for cut in 0..bytes.len() {
            assert!(!is_whole(7, &bytes[..cut]), "{cut}");
        }
    }
}
