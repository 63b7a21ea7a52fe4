//! Values that stand in no quotation marks: what follows a label, or the words that announce a text.

use super::cues::cues;
use super::mind::Mind;
use super::toolbox::Param;
use super::utterance::Scope;

const LINKS: [&str; 17] = [
    "under", "is", "to", "as", "of", "it", "should", "be", "say", "says", "the", "a", "an", "read", "reads",
    "with", "them",
];
const STOPS: [char; 8] = ['.', ',', ';', '!', '?', '\n', '(', '—'];

/// What follows a parameter's own words: "description spare room paint", "rename it to Harbour North".
pub fn labelled(mind: &Mind<'_>, param: &Param<'_>, scope: &Scope<'_>) -> Option<String> {
    let u = &mind.u;
    let label: Vec<&String> = param.stems.iter().filter(|s| s.len() > 2).collect();
    let name =
        param.path.last().is_some_and(|p| matches!(p.as_str(), "name" | "title" | "summary" | "subject"));
    for (at, word) in u.words.iter().enumerate() {
        if word.quoted || scope.mask.covers(at) || !scope.words.contains(&at) {
            continue;
        }
        let own = label
            .last()
            .is_some_and(|l| **l == word.stem || word.text == "filed" && cues("filed").contains(&l.as_str()));
        let called = name
            && matches!(
                word.text.as_str(),
                "called" | "named" | "titled" | "call" | "name" | "rename" | "renamed" | "title"
            );
        if !own && !called {
            continue;
        }
        let renames = matches!(word.text.as_str(), "rename" | "renamed");
        if let Some(text) = following(mind, at, renames, scope) {
            return Some(text);
        }
    }
    None
}

/// Returns the phrase after a word, up to the next stop.
fn following(mind: &Mind<'_>, at: usize, after_to: bool, scope: &Scope<'_>) -> Option<String> {
    let u = &mind.u;
    let mut from = at + 1;
    if after_to {
        from += u.words[from..].iter().take(10).position(|w| matches!(w.text.as_str(), "to" | "as"))? + 1;
    }
    let mut linked = after_to;
    while let Some(word) = u.words.get(from) {
        if !LINKS.contains(&word.text.as_str()) {
            break;
        }
        linked = true;
        from += 1;
    }
    let first = u.words.get(from)?;
    if scope.mask.covers(from) || first.quoted {
        return None;
    }
    let between = &u.text[u.words[at].span.end..first.span.start];
    let before = at.checked_sub(1).map_or("", |b| u.words[b].text.as_str());
    let announced = matches!(before, "of" | "the" | "with" | "a" | "and" | "under") && !first.stop;
    if !linked && !between.contains(':') && !first_is_name(mind, from) && !announced {
        return None;
    }
    if between.contains(['.', '?', '!', ',']) {
        return None;
    }
    let rest = &u.text[first.span.start..];
    let end = rest.find(STOPS).unwrap_or(rest.len());
    let mut text = rest[..end].trim();
    for joint in
        [" and ", " so ", " because ", " then ", " please", " for me", " in the ", " on the ", " thanks"]
    {
        if let Some(cut) = text.find(joint) {
            text = &text[..cut];
        }
    }
    let text = text.trim();
    (text.len() > 1 && text.split_whitespace().count() <= 14).then(|| text.to_owned())
}

fn first_is_name(mind: &Mind<'_>, at: usize) -> bool {
    mind.u.text[mind.u.words[at].span.clone()].chars().next().is_some_and(char::is_uppercase)
}

/// The words of a message that are announced by "that": "text her that I'm running late".
pub fn unquoted(mind: &Mind<'_>, scope: &Scope<'_>) -> Option<String> {
    let u = &mind.u;
    let at = u.words.iter().enumerate().position(|(i, w)| {
        matches!(w.text.as_str(), "that" | "saying") && scope.words.contains(&i) && !w.quoted && i > 1
    })?;
    let first = u.words.get(at + 1)?;
    let rest = &u.text[first.span.start..];
    let mut end = rest.find(['.', '!', '?', '\n', ';']).unwrap_or(rest.len());
    for condition in
        [", if ", " if there", ", and tell", ", then ", ", please", " and tell me", " and let me know"]
    {
        if let Some(cut) = rest[..end].find(condition) {
            end = cut;
        }
    }
    let text = rest[..end].trim().trim_end_matches(',');
    (text.split_whitespace().count() >= 2).then(|| text.to_owned())
}

/// A list's items, where the parameter takes several; else the text as it is.
pub fn listed(param: &Param<'_>, text: &str) -> serde_json::Value {
    if super::toolbox::type_of(param.schema) != "array" {
        return serde_json::Value::from(text);
    }
    let items =
        text.split(',').flat_map(|part| part.split(" and ")).map(str::trim).filter(|part| !part.is_empty());
    items.map(serde_json::Value::from).collect()
}

/// What stands before "as the label": "viewer and guest as the role".
pub fn before_label(mind: &Mind<'_>, param: &Param<'_>, scope: &Scope<'_>) -> Option<String> {
    let u = &mind.u;
    let label = param.stems.iter().rfind(|s| s.len() > 2)?;
    let at = u.words.iter().enumerate().position(|(i, w)| {
        let before = |n: usize| i.checked_sub(n).map_or("", |b| u.words[b].text.as_str());
        !w.quoted
            && super::names::same(&w.stem, label)
            && scope.words.contains(&i)
            && (before(1) == "as" || matches!(before(1), "the" | "its" | "their") && before(2) == "as")
    })?;
    let end = (0..at).rev().find(|i| u.words[*i].text == "as")?;
    let mut from = end;
    while from > 0 {
        let word = &u.words[from - 1];
        let between = &u.text[word.span.end..u.words[from].span.start];
        let labels = from >= 2
            && word.text == "and"
            && from >= 3
            && u.words[..from - 1].iter().rev().take(3).any(|w| matches!(w.text.as_str(), "as"));
        let one = super::toolbox::type_of(param.schema) != "array" && word.text == "and";
        if one
            || between.contains([',', ';', ':', '.', '!', '?'])
            || matches!(word.text.as_str(), "with" | "to" | "from" | "by" | "having" | "use")
            || labels
            || word.quoted
        {
            break;
        }
        from -= 1;
    }
    let text = u.text[u.words.get(from)?.span.start..u.words[end].span.start].trim();
    (!text.is_empty() && from < end && !scope.mask.covers(from) && text.split_whitespace().count() <= 8)
        .then(|| text.to_owned())
}

/// What follows a bare "as": "add a membership, as viewer".
pub fn after_as(mind: &Mind<'_>, scope: &Scope<'_>) -> Option<String> {
    let u = &mind.u;
    let at = u.words.iter().enumerate().position(|(i, w)| {
        let next = u.words.get(i + 1);
        matches!(w.text.as_str(), "as" | "be")
            && !w.quoted
            && scope.words.contains(&i)
            && next.is_some_and(|n| !n.stop && !n.quoted)
    })?;
    let rest = &u.text[u.words[at + 1].span.start..];
    let end = rest.find(STOPS).unwrap_or(rest.len());
    let text = rest[..end].trim();
    (!text.is_empty() && text.split_whitespace().count() <= 4).then(|| text.to_owned())
}
