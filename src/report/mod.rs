//! What people read: the dataset card, conversations, summaries. Pure: values in, text out.

mod card;
mod columns;
mod funnel;
mod openai;
mod render;
mod text;

pub use card::card;
pub use columns::COLUMNS;
pub use funnel::{funnel_line, funnel_text};
pub use openai::openai;
pub use render::{brief, conversation};
