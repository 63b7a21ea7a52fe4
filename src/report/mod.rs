//! What people read: the dataset card, conversations, summaries. Pure: values in, text out.

mod card;

pub use card::card;
