//! Sentences by domain: what people write in notes, comments, messages.

use super::dice::{Dice, hash, mix, shuffled};
use super::domain::Domain;
use super::setting::Setting;
use super::subject::Filler;
use crate::world::lexicon::{self, column};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// A kind of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Prose {
    /// A comment on a ticket.
    Comment,
    /// A note to oneself.
    Note,
    /// A text message.
    Sms,
    /// The text of an e-mail.
    MailBody,
    /// A message between buyer and seller.
    Message,
    /// A line of lyrics.
    Lyric,
}

impl Prose {
    fn section(self) -> (&'static str, &'static str) {
        match self {
            Self::Comment => ("issues", "comments"),
            Self::Note => ("generic", "notes"),
            Self::Sms => ("sms", "texts"),
            Self::MailBody => ("mail", "bodies"),
            Self::Message => ("gear", "messages"),
            Self::Lyric => ("music", "lines"),
        }
    }

    /// The column that holds the text: where entries are texts with a title, the text.
    fn column(self) -> usize {
        match self {
            Self::Comment | Self::Sms | Self::Message => 3,
            _ => 0,
        }
    }
}

/// Draws a text of a kind, with the world's people and places in it.
pub fn prose(kind: Prose, setting: &Setting, rng: &mut ChaCha8Rng) -> String {
    let (book, section) = kind.section();
    let list = lexicon::list(book, section);
    let index = rng.below(list.len());
    let entry = list[shuffled(index, list.len(), mix(setting.seed, hash(section)))];
    let text = match column(entry, kind.column()) {
        "" => column(entry, 0),
        text => text,
    };
    let rng = ChaCha8Rng::seed_from_u64(rng.between(0, i64::MAX) as u64);
    Filler { setting, index, rng, mentions: Vec::new() }.fill(text)
}

/// Draws a text that suits a domain.
pub(crate) fn line(domain: Domain, setting: &Setting, rng: &mut ChaCha8Rng) -> String {
    let kind = match domain {
        Domain::Issues => Prose::Comment,
        Domain::Marketplace => Prose::Message,
        Domain::Telephony => Prose::Sms,
        Domain::Mail => Prose::MailBody,
        Domain::Music => Prose::Lyric,
        _ => Prose::Note,
    };
    prose(kind, setting, rng)
}
