//! Documentation as specs write it → plain text, its language, and three lengths of what an operation does.
//!
//! `html` and `markdown` read marks, `plain` joins what is left, `boilerplate` drops what is not about the operation, `lengths`
//! cuts at sentence, clause and phrase ends, `facts` and `path` say what the structure says where prose says nothing.

mod boilerplate;
mod bytes;
mod describe;
mod facts;
mod html;
mod language;
mod lengths;
mod markdown;
mod path;
mod plain;
#[cfg(test)]
mod tests;
mod verbs;

pub use boilerplate::without_lead;
pub use bytes::shorten;
pub use describe::{DESCRIPTION_MAX, Said, describe, write};
pub use facts::Facts;
pub use path::{from_path, is_verb};
pub use plain::{plain, sentences};
