//! Records as people refer to them: noun phrases with names, traits, places and extremes.

use super::dice::Dice;
use super::english::{CLOSE, guard, on, with_preposition};
use super::tables::labels;
use crate::prompt::{Subject, Trait};
use crate::words::{a, is_plural, plural};
use serde_json::Value;

/// One or many, for agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// It is.
    One,
    /// They are.
    Many,
}

/// A noun phrase, or what stands for it once it was named.
#[derive(Clone, Debug)]
pub struct Noun {
    /// The phrase without its place.
    pub core: String,
    /// Where it is (`in the Website Relaunch project`), where that is said.
    pub place: Option<String>,
    /// Whether it takes a plain genitive (`Ghent's`).
    pub short: bool,
    /// For agreement.
    pub number: Number,
    /// Whether it is a person.
    pub person: bool,
    /// Whether it stands as a pronoun.
    pub pronoun: bool,
}

impl Noun {
    /// Returns the whole phrase as a subject.
    pub fn subject(&self) -> String {
        match (self.pronoun, self.number) {
            (true, Number::One) => "it".to_owned(),
            (true, Number::Many) => "they".to_owned(),
            _ => self.full(),
        }
    }

    /// Returns the whole phrase as an object.
    pub fn object(&self) -> String {
        match (self.pronoun, self.number) {
            (true, Number::One) => "it".to_owned(),
            (true, Number::Many) => "them".to_owned(),
            _ => self.full(),
        }
    }

    /// Returns something of it: `its status`, `Ghent's population`, `the status of the ticket`.
    pub fn of(&self, thing: &str) -> String {
        match (self.pronoun, self.number) {
            (true, Number::One) => format!("its {thing}"),
            (true, Number::Many) => format!("their {thing}"),
            _ if self.short && self.place.is_none() => format!("{} {thing}", genitive(&self.core)),
            _ => format!("the {thing} {} {}", of_word(thing), self.full()),
        }
    }

    /// Returns the phrase with its place.
    pub fn full(&self) -> String {
        match &self.place {
            Some(place) => format!("{} {place}", self.core),
            None => self.core.clone(),
        }
    }

    /// Returns the pronoun that stands for it from now on.
    pub fn again(&self) -> Self {
        let number = if self.person { Number::Many } else { self.number };
        Self { pronoun: true, place: None, number, ..self.clone() }
    }

    /// Returns it without its place, which was said before.
    pub fn without_place(&self) -> Self {
        Self { place: None, ..self.clone() }
    }
}

fn of_word(thing: &str) -> &'static str {
    if ["phone number", "number", "notes", "deadline", "link"].contains(&thing) { "for" } else { "of" }
}

fn genitive(core: &str) -> String {
    // A plural noun takes the bare apostrophe; a name ends in its guard and takes the full one.
    if core.ends_with('s') { format!("{core}'") } else { format!("{core}'s") }
}

/// Words by which kinds are known, for what depends on the kind.
pub const PEOPLE: &str = "user|person|contact|member|customer|artist|driver|assignee|owner|client|seller|buyer|\
    attendee|guest|author|colleague|employee|band";
const PLACES: &str = "city|country|region|province|state|territory|town|continent|division";
const TITLED: &str = "ticket|task|event|document|listing|song|track|album|issue|article|message|note|comment|\
    post|page|lyrics";
const HOLDERS: &str = "list|calendar|project|collection|group|team|workflow|workspace|folder|board|channel|\
    trigger|bucket|geofence";
const BARE: &str = "pet|holiday|animal";

/// Tells whether the last word of a kind is one of these.
pub fn kind_in(kind: &str, words: &str) -> bool {
    among(&head_word(kind), words)
}

/// Tells whether a word is one of a `a|b|c` list.
pub fn among(word: &str, list: &str) -> bool {
    list.split('|').any(|w| w == word)
}

/// Returns the last word of a kind, in lower case.
pub fn head_word(kind: &str) -> String {
    kind.rsplit(' ').next().unwrap_or(kind).to_lowercase()
}

/// Returns a name in quotes that suit it.
pub fn quoted(name: &str, dice: &mut Dice) -> String {
    let guarded = guard(name);
    if name.contains('"') && !name.contains('\'') {
        format!("'{guarded}'")
    } else if name.contains('\'') || name.len() > 60 || dice.chance(30) {
        format!("\"{guarded}\"")
    } else {
        format!("'{guarded}'")
    }
}

/// Tells whether a name is short and capitalised throughout, so that it stands without quotes.
pub fn proper(name: &str) -> bool {
    let words: Vec<&str> = name.split(' ').collect();
    words.len() <= 4
        && words.iter().all(|w| {
            w.chars().next().is_some_and(|c| c.is_uppercase() || c.is_ascii_digit())
                || ["of", "the", "and", "&", "de", "la", "van", "von", "in", "for"].contains(w)
        })
        && !name.contains(['\'', '"', '"', ',', ':', ';', '?', '!'])
}

/// Tells whether a name is a code: a ticket key, an order number, an address.
pub fn code(name: &str) -> bool {
    !name.contains(' ') && name.chars().any(|c| c.is_ascii_digit() || c == '@' || c == '_' || c == '/')
}

/// Returns a record as a person refers to it.
pub fn noun(subject: &Subject, dice: &mut Dice) -> Noun {
    phrase(subject, false, dice)
}

/// Returns a record so that its kind is said, where a bare name could be anything's.
pub fn plainly(subject: &Subject, dice: &mut Dice) -> Noun {
    let mut named = phrase(subject, false, dice);
    if let Some(name) = &subject.name
        && named.core == guard(name)
        && !subject.kind.is_empty()
    {
        named.core = format!("{} {} {}", if subject.own { "my" } else { "the" }, subject.kind, guard(name));
        named.short = false;
    }
    named
}

/// Returns the records of a survey: `the open tickets in the Website Relaunch project`, without an article.
pub fn nouns(subject: &Subject, dice: &mut Dice) -> Noun {
    phrase(subject, true, dice)
}

fn phrase(subject: &Subject, many: bool, dice: &mut Dice) -> Noun {
    let number = if many || is_plural(&subject.kind) { Number::Many } else { Number::One };
    let (before, after) = traits(subject, number, dice);
    let person = kind_in(&subject.kind, PEOPLE) && !subject.own;
    let (mut core, short) = if many {
        (join_words(&before, &plural(&subject.kind)), false)
    } else {
        head(subject, &before, dice)
    };
    let mut short = short && after.is_empty();
    if subject.name.is_some() && !many && !after.is_empty() {
        core = format!("{core} (the one {})", after.join(" "));
    } else {
        for part in &after {
            core.push(' ');
            core.push_str(part);
        }
    }
    if !many && let Some((word, field)) = &subject.extreme {
        let phrase = extreme_tail(word, field);
        if !phrase.is_empty() {
            core.push(' ');
            core.push_str(&phrase);
            short = false;
        }
    }
    let place = subject.within.as_deref().map(|within| placed(within, &subject.kind, dice));
    Noun { core, place, short, number, person, pronoun: false }
}

fn join_words(before: &[String], noun: &str) -> String {
    if before.is_empty() { noun.to_owned() } else { format!("{} {noun}", before.join(" ")) }
}

/// Returns the head of a single record's phrase, and whether it takes a plain genitive.
fn head(subject: &Subject, before: &[String], dice: &mut Dice) -> (String, bool) {
    let kind = kind_word(subject, dice);
    let article = if subject.own { "my" } else { "the" };
    let adjectives = before.join(" ");
    let front = if adjectives.is_empty() { article.to_owned() } else { format!("{article} {adjectives}") };
    if let Some(name) = &subject.name {
        return named(subject, name, &kind, &front, before.is_empty(), dice);
    }
    if let Some((word, field)) = &subject.extreme
        && extreme_tail(word, field).is_empty()
    {
        return (
            format!("{article} {}", join_words(&[vec![word.clone()], before.to_vec()].concat(), &kind)),
            true,
        );
    }
    (format!("{front} {kind}"), before.is_empty())
}

/// Returns the kind as people say it: sometimes its last word only (`list` for `task list`).
fn kind_word(subject: &Subject, dice: &mut Dice) -> String {
    let head = head_word(&subject.kind);
    if subject.own && subject.name.is_none() && head == "user" {
        return dice.word("account|profile").to_owned();
    }
    if subject.kind.contains(' ') && among(&head, HOLDERS) && dice.chance(40) {
        return head;
    }
    subject.kind.clone()
}

fn named(s: &Subject, name: &str, kind: &str, front: &str, plain: bool, dice: &mut Dice) -> (String, bool) {
    let guarded = guard(name);
    let quotes = quoted(name, dice);
    if kind.is_empty() {
        return (if proper(name) || code(name) { guarded } else { quotes }, true);
    }
    let lower = name.to_lowercase();
    let bare_kind = kind_in(kind, PEOPLE) || kind_in(kind, PLACES) || kind_in(kind, BARE);
    if lower.split(' ').any(|w| w == head_word(kind)) && plain && !bare_kind {
        let text = if proper(name) { guarded } else { quotes };
        return (if lower.starts_with("the ") { text } else { format!("{front} {text}") }, false);
    }
    if code(name) && plain && !kind_in(kind, PEOPLE) && !name.contains('@') {
        let choices = [format!("{kind} {guarded}"), format!("{front} {kind} {guarded}"), guarded.clone()];
        let weights = if s.own { [0, 1, 0] } else { [6, 1, u32::from(name.len() > 6)] };
        let chosen = dice.weighted(&weights);
        return (choices[chosen].clone(), false);
    }
    if kind_in(kind, PEOPLE) || kind_in(kind, PLACES) {
        return match dice.weighted(&[12, u32::from(kind_in(kind, PEOPLE)), u32::from(!plain) * 40]) {
            0 => (guarded, true),
            _ => (format!("{front} {kind} {guarded}"), false),
        };
    }
    if kind_in(kind, BARE) {
        let choices = [
            guarded.clone(),
            format!("{front} {kind} called {guarded}"),
            format!("{front} {kind} {guarded}"),
        ];
        let at = if plain { dice.weighted(&[6, 1, 1]) } else { 1 + dice.below(2) };
        return (choices[at].clone(), at == 0);
    }
    if kind_in(kind, TITLED) {
        let choices = [
            format!("{front} {kind} {quotes}"),
            quotes.clone(),
            format!("{front} {kind} called {quotes}"),
            format!("{front} {quotes} {kind}"),
        ];
        let at = if plain && !s.own { dice.weighted(&[4, 3, 1, 3]) } else { [0, 2, 3][dice.below(3)] };
        return (choices[at].clone(), false);
    }
    let loose_name = proper(name) && !lower.starts_with("the ") && dice.chance(60);
    let bare = if loose_name { guarded.clone() } else { quotes.clone() };
    let choices = [
        format!("{front} {bare} {kind}"),
        format!("{front} {kind} {quotes}"),
        format!("{front} {kind} called {bare}"),
        guarded,
    ];
    let loose = u32::from(proper(name) && plain && !s.own && !kind_in(kind, HOLDERS)) * 3;
    let at = dice.weighted(&[6, 2, 1, loose]);
    (choices[at].clone(), at == 0 || at == 3)
}

/// Words that pick an extreme out by themselves.
const PLAIN_EXTREMES: &str = "newest|oldest|cheapest|latest|first|last|longest|shortest|heaviest|fastest|slowest|\
    most expensive|priciest|dearest|most recent|next|only|biggest|youngest|most urgent|\
    most populous|earliest|busiest|top-rated|best-rated|lightest|highest rated|lowest rated";

fn extreme_tail(word: &str, field: &str) -> String {
    let dated = ["latest", "earliest", "newest", "oldest"].contains(&word)
        && ["due date", "due", "deadline", "start", "end", "expiry date"].contains(&field);
    if dated {
        let turn = if word == "latest" || word == "newest" { "latest" } else { "earliest" };
        return format!("with the {turn} {field}");
    }
    let sized = ["largest", "smallest", "biggest"].contains(&word) && field.contains("size");
    if sized || among(word, PLAIN_EXTREMES) || field.is_empty() {
        return String::new();
    }
    format!("with the {word} {field}")
}

/// Returns where a record is, with the preposition that suits the holder.
pub fn placed(within: &Subject, kind: &str, dice: &mut Dice) -> String {
    let inner = noun(within, dice);
    format!("{} {}", place_word(&within.kind, kind), inner.full())
}

/// Returns the preposition for being in a holder of a kind.
pub fn place_word(holder: &str, kind: &str) -> &'static str {
    let head = head_word(holder);
    match head.as_str() {
        "list" | "calendar" | "board" | "ticket" | "task" | "issue" | "album" | "document" | "page"
        | "listing" | "order" | "account" | "chart" => "on",
        "artist" | "band" | "author" | "singer" => "by",
        "user" | "person" | "contact" | "customer" | "device" | "vehicle" | "asset" | "driver" | "pet"
        | "event" | "workflow" | "application" | "seller" => {
            if ["position", "location"].contains(&kind) {
                "of"
            } else {
                "for"
            }
        }
        "shop" | "store" => "at",
        "tag" => "with",
        "track" | "song" | "function" | "address" | "domain" | "product" => "of",
        _ => "in",
    }
}

/// Splits a subject's traits into what precedes and what follows its noun.
fn traits(subject: &Subject, number: Number, dice: &mut Dice) -> (Vec<String>, Vec<String>) {
    let mut before = Vec::new();
    let mut after: Vec<String> = Vec::new();
    let bare_name = subject.name.is_some();
    for one in &subject.traits {
        let entry = labels().find(&one.label);
        let fits = adjective(&one.value) && !bare_name && before.is_empty();
        if fits
            && !one.exact.is_boolean()
            && let Some(label) = entry
            && !label.before.is_empty()
            && dice.chance(if subject.traits.len() > 1 { 92 } else { 70 })
        {
            before.push(dice.fill(label.before[0], &mut |_, _| guard(&one.value)));
        } else {
            after.push(after_trait(subject, one, number, dice));
        }
    }
    if after.len() > 1 {
        after = vec![crate::words::list(&after)];
    }
    (before, after)
}

/// Tells whether a value can stand before a noun.
fn adjective(value: &str) -> bool {
    let words = value.split(' ').count();
    words <= 2
        && !["needs action", "in progress", "on hold", "in review", "to do"].contains(&value)
        && !code(value)
}

/// Statuses that read well after "that's".
const PREDICATES: &str = "open|closed|done|completed|pending|available|sold|active|inactive|draft|live|ended|\
    cancelled|canceled|confirmed|tentative|approved|delivered|placed|registered|disposed|\
    in progress|in review|on hold|resolved|blocked|online|offline|unknown|new|paid|unpaid|\
    shipped|received|refunded|public|private|archived|optional|enabled|disabled|\
    out of stock|in stock|overdue|waiting|running|stopped|parked|finished|rejected|accepted|\
    suspended|expired|failed|processing|ready";
const LASTING: &str = "open|pending|available|active|in progress|unpaid|draft|new|waiting|on hold|blocked|\
    overdue|processing|tentative";

fn after_trait(subject: &Subject, one: &Trait, number: Number, dice: &mut Dice) -> String {
    if let Value::Bool(yes) = one.exact {
        return boolean_trait(&one.label, yes, number);
    }
    let Some(label) = labels().find(&one.label).filter(|l| !l.after.is_empty()) else {
        let value = guard(&one.value);
        let quotes =
            if one.exact.is_string() && one.value.contains(' ') && !proper(&one.value) && !moment(&one.exact)
            {
                format!("'{value}'")
            } else {
                value
            };
        let label = one.label.to_lowercase();
        return match dice.below(3) {
            0 => format!("with {} {quotes}", a(&label)).replacen(
                &format!("{} ", a(&label)),
                &format!("{label} "),
                1,
            ),
            1 => format!("whose {label} is {quotes}"),
            _ => format!("with {quotes} as the {label}"),
        };
    };
    let is_status = labels().is(&one.label, "status") || labels().is(&one.label, "visibility");
    let alone = subject.traits.len() < 2;
    let fit: Vec<&'static str> = label
        .after
        .iter()
        .copied()
        .filter(|t| alone || !t.starts_with("that") && !t.starts_with("who"))
        .collect();
    let mut template = *dice.pick(if fit.is_empty() { &label.after } else { &fit });
    if is_status && template.starts_with("that{'s/") && !among(&one.value.to_lowercase(), PREDICATES) {
        template = "marked {v}";
    }
    dice.fill(template, &mut |dice, slot| trait_slot(slot, one, number, dice))
}

fn trait_slot(slot: &str, one: &Trait, number: Number, dice: &mut Dice) -> String {
    let lasting = among(&one.value.to_lowercase(), LASTING);
    match slot {
        "still" if lasting && dice.chance(60) => "still ".to_owned(),
        "still" => String::new(),
        "label" => one.label.to_lowercase(),
        _ => {
            let quote = one.exact.is_string() && needs_quotes(&one.value) && !moment(&one.exact);
            value_slot(slot, &one.value, quote, number, dice)
        }
    }
}

/// Tells whether an exact value is a date or an instant.
pub fn moment(exact: &Value) -> bool {
    let text = match exact {
        Value::String(text) => text.as_str(),
        Value::Object(map) => map.values().find_map(Value::as_str).unwrap_or_default(),
        _ => return false,
    };
    let bytes = text.as_bytes();
    bytes.len() >= 10 && bytes[..4].iter().all(u8::is_ascii_digit) && bytes[4] == b'-' && bytes[7] == b'-'
}

/// Tells whether a value reads as prose, so that quotes help.
pub fn needs_quotes(value: &str) -> bool {
    value.split(' ').count() > 4 || value.contains(['!', '?', ';'])
}

/// Fills what depends on a value or on agreement.
pub fn value_slot(slot: &str, value: &str, quote: bool, number: Number, dice: &mut Dice) -> String {
    let shown = |dice: &mut Dice| if quote { quoted(value, dice) } else { guard(value) };
    match slot {
        "v" => shown(dice),
        "on" | "on_plain" => {
            if quote {
                shown(dice)
            } else {
                on(value)
            }
        }
        "by" => with_preposition("by", value),
        "tov" => format!("to {}", shown(dice)),
        "av" => a(&shown(dice)),
        _ => match slot.split_once('/') {
            Some((one, many)) => (if number == Number::One { one } else { many }).to_owned(),
            None => String::new(),
        },
    }
}

/// Returns a yes-or-no trait in words.
fn boolean_trait(label: &str, yes: bool, number: Number) -> String {
    let label = label.to_lowercase();
    let many = number == Number::Many;
    let (is, has, does) = if many {
        ("that are", "that have", "that don't have")
    } else {
        ("that's", "that has", "that doesn't have")
    };
    match flag(&label) {
        Flag::Quality(word) if yes => format!("{is} {word}"),
        Flag::Quality(word) if many => format!("that aren't {word}"),
        Flag::Quality(word) => format!("that isn't {word}"),
        Flag::Possession(thing) if yes => format!("{has} {thing}"),
        Flag::Possession(thing) => format!("{does} {thing}"),
        Flag::Ability(deed) => format!("that {} {deed}", can(yes)),
        Flag::Others(who, deed) => format!("that {who} {} {deed}", can(yes)),
    }
}

/// Returns `can` or `can't`.
pub fn can(yes: bool) -> &'static str {
    if yes { "can" } else { "can't" }
}

/// How a yes-or-no field is spoken of.
pub enum Flag {
    /// It is so (`is it public`).
    Quality(String),
    /// It has it (`does it have lyrics`).
    Possession(String),
    /// It can do it (`can it expire`).
    Ability(String),
    /// Others can do something with it (`can guests modify it`): who, and what before the record.
    Others(String, String),
}

/// Labels that are qualities.
const QUALITIES: &str = "public|private|new|free|open|sold|explicit|instrumental|primary|online|valid|dead|done|\
    read|hidden|locked|full|busy|handmade|federal|complete|overdue|all day|recurring|\
    default|current|important|urgent|unread|starred|in stock|offline|deceased|outdated|\
    restricted|always on";

/// Tells how a yes-or-no field is spoken of.
pub fn flag(label: &str) -> Flag {
    let label = label.to_lowercase();
    for prefix in ["is ", "are ", "was "] {
        if let Some(rest) = label.strip_prefix(prefix) {
            return Flag::Quality(rest.to_owned());
        }
    }
    for prefix in ["has ", "have ", "with ", "allow ", "allows "] {
        if let Some(rest) = label.strip_prefix(prefix) {
            return Flag::Possession(possession(rest));
        }
    }
    if let Some(rest) = label.strip_prefix("opt in") {
        return Flag::Quality(format!("opted in{rest}"));
    }
    if let Some((who, deed)) = label.split_once(" can ") {
        let deed = match deed.split(' ').next().unwrap_or_default() {
            "invite" => format!("{deed} to"),
            "see" => format!("{deed} of"),
            _ => deed.to_owned(),
        };
        return Flag::Others(who.to_owned(), deed);
    }
    if let Some(deed) = label.strip_prefix("can ") {
        return Flag::Ability(deed.replace("rollback", "be rolled back").replace("delete", "be deleted"));
    }
    let adjectival = ["ed", "able", "ible", "ive", "ous", "ing"].iter().any(|e| label.ends_with(e))
        && !label.contains(' ');
    if label == "publish" {
        Flag::Quality("published".to_owned())
    } else if label == "always" {
        Flag::Quality("always on".to_owned())
    } else if label == "motion" {
        Flag::Quality("moving".to_owned())
    } else if label == "complete" || label == "completed" {
        Flag::Quality("done".to_owned())
    } else if adjectival || among(&label, QUALITIES) {
        Flag::Quality(label)
    } else {
        Flag::Possession(possession(&label))
    }
}

fn possession(thing: &str) -> String {
    const UNCOUNTED: &str = "access|lyrics|voice|sound|power|credit|charge|ignition|verification|shipping|maintenance|mail|web|sms|inventory";
    let uncounted = UNCOUNTED.split('|').any(|u| thing.ends_with(u));
    if is_plural(thing) || uncounted { thing.to_owned() } else { a(thing) }
}

/// Tells whether a phrase ends in a guarded value or a quote.
pub fn ends_in_value(text: &str) -> bool {
    text.trim_end_matches(['"', '\'']).ends_with(CLOSE)
}
