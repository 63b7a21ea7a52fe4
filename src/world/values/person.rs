//! People: names by culture, e-mail addresses, user names, phone numbers.
//!
//! Policy: first and last names are common ones, combined freely. Mail domains are invented compounds that belong to no known company;
//! reserved names (`example.com`, `.test`) are avoided because they teach a model that placeholders are values. Phone numbers come from
//! the ranges that regulators reserve for fiction where a country has one, and are well-formed mobile numbers elsewhere.

use super::dice::{Dice, mix};
use crate::words::ascii;
use crate::world::lexicon;
use rand_chacha::ChaCha8Rng;

/// A person of a world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// First name.
    pub first: String,
    /// Last name.
    pub last: String,
    /// E-mail address, made of the name.
    pub email: String,
    /// User name, made of the name.
    pub username: String,
    /// Phone number in E.164 form (`+32470558102`).
    pub phone: String,
    /// What they do.
    pub title: &'static str,
}

impl Person {
    /// Returns first and last name.
    pub fn full(&self) -> String {
        format!("{} {}", self.first, self.last)
    }

    /// Draws a person. The nearer `index` is to others, the less their names collide.
    pub(crate) fn draw(
        culture: &str,
        company: &str,
        country: &str,
        index: usize,
        seed: u64,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let firsts = name_list("first", culture);
        let lasts = name_list("last", culture);
        let first = firsts[super::dice::shuffled(index, firsts.len(), mix(seed, super::dice::hash(culture)))];
        let last = lasts
            [super::dice::shuffled(index, lasts.len(), mix(seed.rotate_left(7), super::dice::hash(culture)))];
        let (f, l) = (ascii(first), ascii(last));
        let host = if rng.chance(0.72) { company } else { rng.pick(lexicon::list("work", "mailhosts")) };
        let local = match mix(seed, 5) % 3 {
            0 => format!("{f}.{l}"),
            1 => format!("{}.{l}", &f[..1]),
            _ => format!("{f}{}", &l[..1]),
        };
        let username = match rng.below(4) {
            0 => format!("{f}.{l}"),
            1 => format!("{}{l}", &f[..1]),
            2 => format!("{f}_{}", &l[..1]),
            _ => format!("{f}{}", rng.between(2, 97)),
        };
        Self {
            first: first.to_owned(),
            last: last.to_owned(),
            email: format!("{local}@{host}"),
            username,
            phone: phone(country, rng),
            title: rng.pick(lexicon::list("people", "titles")),
        }
    }
}

fn name_list(kind: &str, culture: &str) -> &'static [&'static str] {
    let section = match (kind, culture) {
        ("first", "nl") => "first.nl",
        ("last", "nl") => "last.nl",
        ("first", "en") => "first.en",
        ("last", "en") => "last.en",
        _ => return lexicon::list("people", &format!("{kind}.{culture}")),
    };
    lexicon::list("people", section)
}

/// Returns the culture that most people of a country have names of.
pub(crate) fn culture(country: &str) -> &'static str {
    match country {
        "FR" => "fr",
        "DE" | "AT" | "CH" => "de",
        "NL" | "BE" => "nl",
        "ES" | "MX" | "AR" | "CL" | "CO" | "PE" | "CR" => "es",
        "PT" | "BR" => "pt",
        "IT" => "it",
        "SE" | "NO" | "DK" | "FI" => "nordic",
        "PL" => "pl",
        "CZ" | "SK" => "cz",
        "IN" => "in",
        "JP" => "jp",
        "KR" => "kr",
        "TR" => "tr",
        "KE" | "ZA" => "af",
        "GR" | "RO" | "HU" | "BG" => "gr",
        _ => "en",
    }
}

/// All cultures, for the mix of names that a town has.
pub(crate) const CULTURES: &[&str] = &[
    "en", "fr", "de", "nl", "es", "pt", "it", "nordic", "pl", "cz", "in", "jp", "kr", "cn", "tr", "ar", "af",
    "gr",
];

/// Draws a phone number in E.164 form.
pub(crate) fn phone(country: &str, rng: &mut ChaCha8Rng) -> String {
    let digits = b"0123456789";
    // Reserved for fiction: NANP 555-0100..0199, Ofcom 07700 900xxx, Arcep 06 39 98 xx xx, BNetzA 030 23125 xxx,
    // ACMA (02) 5550 xxxx, PTS 070-174 06 05..99, ComReg 020 91x xxxx.
    let (prefix, n) = match country {
        "US" => {
            return format!(
                "+1{}55501{:02}",
                rng.pick(&["212", "312", "415", "503", "512", "615", "720", "206", "617"]),
                rng.below(100)
            );
        }
        "CA" => {
            return format!(
                "+1{}55501{:02}",
                rng.pick(&["416", "514", "604", "403", "613", "780", "204"]),
                rng.below(100)
            );
        }
        "SE" => return format!("+46701740{}", rng.between(605, 699)),
        "FR" => ("+3363998", 4),
        "DE" => ("+493023125", 3),
        "AU" => ("+6125550", 4),
        "IE" => ("+3532091", 5),
        "BE" => ("+3247", 7),
        "NL" => ("+316", 8),
        "ES" => ("+346", 8),
        "PT" => ("+35191", 7),
        "IT" => ("+39347", 7),
        "AT" => ("+43664", 7),
        "CH" => ("+4179", 7),
        "DK" => ("+4531", 6),
        "NO" => ("+474", 7),
        "FI" => ("+35840", 7),
        "PL" => ("+4860", 7),
        "CZ" => ("+42060", 7),
        "SK" => ("+42190", 7),
        "HU" => ("+3620", 7),
        "RO" => ("+4072", 7),
        "GR" => ("+3069", 8),
        "HR" => ("+38591", 7),
        "SI" => ("+38640", 6),
        "LT" => ("+3706", 7),
        "EE" => ("+3725", 6),
        "BG" => ("+35988", 7),
        "LU" => ("+352621", 6),
        "TR" => ("+90532", 7),
        "IN" => ("+9198", 8),
        "JP" => ("+8190", 8),
        "KR" => ("+8210", 8),
        "BR" => ("+55119", 8),
        "MX" => ("+5255", 8),
        "AR" => ("+54911", 8),
        "CL" => ("+569", 8),
        "CO" => ("+57310", 7),
        "CR" => ("+5068", 7),
        "ZA" => ("+2782", 7),
        "KE" => ("+25472", 7),
        "NZ" => ("+6421", 7),
        _ => ("+447700900", 3),
    };
    let mut out = String::from(prefix);
    // A subscriber number does not begin with 0 or 1 where the plan leaves it open.
    if n > 4 {
        out.push_str(&rng.string_of(b"23456789", 1));
        out.push_str(&rng.string_of(digits, n - 1));
    } else {
        out.push_str(&rng.string_of(digits, n));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_a_plain_form() {
        for culture in CULTURES {
            for kind in ["first", "last"] {
                for name in name_list(kind, culture) {
                    let plain = ascii(name);
                    assert!(plain.len() >= 2, "{name} → {plain}");
                    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
                    assert_eq!(plain.len(), letters, "{name} → {plain} lost a letter");
                }
            }
        }
    }
}
