//! What people read: the dataset card, conversations, summaries. Pure: values in, text out.

mod card;
mod columns;
mod funnel;
mod openai;
mod render;
mod spend;
mod summary;
mod text;
mod tools;
mod tree;

pub use card::card;
pub use funnel::funnel_text;
pub use openai::{Turns, openai};
pub use render::{brief, conversation};
pub use spend::{SpendRow, count, dollars, parts_rows, spend_line, spend_table, unpriced};
pub use summary::{Reasons, counts_text, group_text, record_text, run_text};
pub use text::wrap;
pub use tools::{GraphCounts, Record, Shelves, api_text, tool_text};
pub use tree::tree;

#[cfg(feature = "internals")]
pub use columns::COLUMNS;
