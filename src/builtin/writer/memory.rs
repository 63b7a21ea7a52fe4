//! What an instruction has named already, so that it is not named twice.

use super::dice::Dice;
use super::noun::{Noun, Number, head_word, noun, nouns, place_word, plainly};
use crate::prompt::Subject;

/// What was named so far.
#[derive(Default)]
pub struct Memory {
    last: Option<Subject>,
    noun: Option<Noun>,
    places: Vec<Subject>,
}

impl Memory {
    /// Returns a record as it is referred to at this point: in full, or by a pronoun when it was just named.
    pub fn refer(&mut self, subject: &Subject, dice: &mut Dice) -> Noun {
        if self.last.as_ref() == Some(subject)
            && let Some(noun) = &self.noun
        {
            return noun.again();
        }
        let mut named = noun(subject, dice);
        self.shorten(subject, &mut named);
        self.remember(subject, &named);
        named
    }

    /// Returns a record with its kind said, for what cannot be undone.
    pub fn refer_plainly(&mut self, subject: &Subject, dice: &mut Dice) -> Noun {
        if self.last.as_ref() == Some(subject) {
            return self.refer(subject, dice);
        }
        let mut named = plainly(subject, dice);
        self.shorten(subject, &mut named);
        self.remember(subject, &named);
        named
    }

    /// Returns the records of a survey likewise.
    pub fn refer_many(&mut self, subject: &Subject, dice: &mut Dice) -> Noun {
        let mut named = nouns(subject, dice);
        self.shorten(subject, &mut named);
        self.last = None;
        self.noun = None;
        if let Some(within) = &subject.within {
            self.places.push((**within).clone());
        }
        named
    }

    /// Returns where something belongs: `to the 'Flat' list`, or `there` when that was named.
    pub fn place(
        &mut self,
        holder: &Subject,
        kind: &str,
        word: Option<&'static str>,
        dice: &mut Dice,
    ) -> String {
        if self.last.as_ref() == Some(holder) || self.places.last() == Some(holder) {
            return "there".to_owned();
        }
        let named = noun(holder, dice);
        self.remember(holder, &named);
        self.places.push(holder.clone());
        format!("{} {}", word.unwrap_or_else(|| place_word(&holder.kind, kind)), named.full())
    }

    /// Remembers that a new record is what is spoken of now.
    pub fn made(&mut self, kind: &str) -> Noun {
        let noun = Noun {
            core: format!("the {kind}"),
            place: None,
            short: false,
            number: Number::One,
            person: false,
            pronoun: true,
        };
        self.last = None;
        self.noun = Some(noun.clone());
        noun
    }

    /// Returns what was spoken of last, as a pronoun.
    pub fn current(&self) -> Noun {
        self.noun.as_ref().map_or_else(super::given::it, Noun::again)
    }

    fn remember(&mut self, subject: &Subject, named: &Noun) {
        if let Some(within) = &subject.within {
            self.places.push((**within).clone());
        }
        self.last = Some(subject.clone());
        self.noun = Some(named.clone());
    }

    fn shorten(&self, subject: &Subject, named: &mut Noun) {
        let Some(within) = subject.within.as_deref() else { return };
        if self.last.as_ref() == Some(within) {
            named.place = Some(format!("{} it", place_word(&within.kind, &subject.kind)));
        } else if self.places.last() == Some(within) {
            let word = place_word(&within.kind, &subject.kind);
            named.place = Some(format!("{word} the same {}", head_word(&within.kind)));
        }
    }
}
