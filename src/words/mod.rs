//! Splitting, number, stems, calendar and code tables of natural language; pure, used by all above it.
//!
//! Two things are called words and are told apart here: an *identifier's* words (`identifier`: `lastUpdate`, `task_lists`) and
//! those of *prose* (`tokens`, `stem`: what people and documentation write).

mod calendar;
mod codes;
mod identifier;
mod noun;
mod ordinary;
mod phrase;
mod stem;
mod table;
mod tokens;

pub use calendar::{WEEKDAYS, is_month, is_weekday, month_name, month_of, weekday_name, weekday_of};
pub use codes::{COUNTRIES, CURRENCIES, LANGUAGES, code_of, names_of_code};
pub use identifier::{
    caption, enum_words, id_noun, is_id_word, label, singular_words, split, split_as_written,
};
pub use noun::{is_plural, is_several, plural, singular};
pub use ordinary::is_ordinary;
pub use phrase::{a, capital, list};
pub use stem::{content_stems, folded_words, is_stopword, stem, stems};
pub use table::rows;
pub use tokens::{Token, TokenKind, ascii, fold, tokens};
