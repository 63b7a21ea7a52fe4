//! What documentation says that is not about what an operation does: pointers elsewhere, permissions, rate limits, changelogs,
//! statuses, examples. Told by section, by sentence and by how a sentence begins.

use super::markdown::{Block, Kind};
use super::plain::{sentences, stop};
use super::verbs::acts;
use crate::crawl::prose::capital;
use regex::Regex;
use std::sync::LazyLock;

macro_rules! pattern {
    ($name:ident, $regex:expr) => {
        static $name: LazyLock<Regex> = LazyLock::new(|| Regex::new($regex).expect("a valid pattern"));
    };
}

const THING: &str = "(?:(?:rest |http |web |public |http api |api )?(?:api|endpoint|method|operation|call|route|action|resource|request|service|function|tool|command|query|mutation)s?(?: (?:endpoint|operation|method|call|action|request|route))?)";

// how a sentence begins that only says that there is an endpoint
pattern!(
    LEAD,
    &format!(
        r"(?ix)^(?:
        (?:[a-z]+(?:\ [a-z]+){{0,3}}:\ )?(?:you\ (?:can\ )?)?use\ (?:a|an|the|this|our)\ (?:(?:get|post|put|patch|delete)\ )?{t}\ (?:in\ order\ )?to\ (?:be\ able\ to\ )?
        | (?:this|the|an?|our)\ (?:(?:get|post|put|patch|delete)\ )?{t}\ (?:that\ )?(?:will\ )?(?:allows?|enables?|lets?|can\ be\ used\ by|permits?)\ (?:you|users|a\ user|the\ user|the\ users|clients?|developers|callers|the\ caller|merchants|anyone)?\s?(?:to\ )?
        | (?:this|the)\ {t}\ (?:is|can\ be|may\ be|should\ be|will\ be|must\ be)\ (?:used|called)\ to\ 
        | (?:the\ )?purpose\ of\ this\ {t}\ is\ to\ 
        | (?:this\ |the\ |an?\ )?{t}\ to\ 
        | (?:with\ this\ {t},?\ |here,?\ )?you\ can\ use\ this\ {t}\ to\ 
        | (?:allows?|enables?|lets?|permits?)\ (?:you|users?|the\ users?|a\ user|clients?|developers|callers|the\ caller|merchants)\ to\ 
        | (?:is\ |it\ is\ |can\ be\ )?used\ to\ 
        )",
        t = THING.replace(' ', "\\ ")
    )
);
pattern!(VERB_LEAD, &format!(r"(?i)^(?:this|the) {THING} (?:will |would )?([a-z]{{3,20}}) "));
pattern!(
    LABEL,
    r"(?i)^(?:crud|note|notes|important|important note|warning|caution|tip|info|notice|description|summary|usage|overview|purpose|please note|attention)\s*[:：]\s*|^(?:please note|note) that "
);
pattern!(
    POINTER,
    r"(?i)^(?:for (?:more|further|additional|detailed|complete|full|general|a full list|a list|an example|examples?)\b.*\b(?:see|refer|visit|check|read|consult|go to|contact|review)\b|for (?:more|further|additional) (?:information|details?|info)|for (?:information|details|instructions|guidance|help)\b|to learn (?:more|about|how)|learn (?:more|how|about)|see also|read more|more (?:information|details|info)|find out more|(?:please )?(?:see|refer to|check|consult|visit|read|review) (?:the |our |this )?.*(?:https?://|documentation|guide|docs\b|below|above|link|article|section|page|here\b)|(?:please |also )?see |(?:please |also )?refer to\b|view the |check out |go to the |you can (?:also )?(?:find|read|learn) (?:more|out)|(?:details|documentation|the documentation) (?:is|are|can be) )"
);
pattern!(
    BEGINS,
    &format!(
        r"(?ix)^(?:
        (?:required\ |minimum\ |needed\ )?(?:oauth2?\ |api\ |iam\ |token\ |access\ )?(?:scopes?|permissions?|roles?|privileges?|authori[sz]ations?|authentication)(?:\ (?:needed|required|scopes?))?\s*(?::|is\ required|are\ required|required)
        | required\ (?:oauth\ )?(?:scopes?|permissions?|roles?|privileges?)
        | requires\ (?:the\ |an?\ |valid\ |at\ least\ )?.{{0,60}}(?:scopes?|permissions?|roles?|privileges?|authentication|authorization|access\ token|api\ key|admin\ rights)
        | (?:this|the)\ {t}\ requires?\ .*(?:scopes?|permissions?|roles?|authenti|authoriz|authoris|token|api\ key|privileges?|oauth|admin|logged|credential)
        | (?:you|users?|callers?|the\ (?:caller|user|authenticated\ user)|github\ apps?|oauth\ (?:apps?|access)|fine-grained|access\ tokens?)\ .{{0,40}}(?:must|needs?|should|requires?)\ .*(?:scopes?|permissions?|authenti|authoriz|token|api\ key|role\b|privileges?|access\ to)
        | (?:to\ use|to\ call|to\ access|in\ order\ to\ use)\ this\ {t}
        | (?:this|the)\ {t}\ (?:is|are)\ (?:currently\ |now\ |still\ )?(?:in\ |under\ |a\ |an\ )?(?:deprecated|no\ longer|beta|preview|alpha|private|public\ beta|closed|experimental|developer|subject|generally|only\ available|available|limited\ to|rate|throttled|being\ )
        | (?:deprecat|deprecated|closing\ down|sunset|breaking\ change|changelog|changed\ in|new\ in\ v|added\ in\ v|introduced\ in|available\ (?:since|as\ of|from|in)\ |since\ (?:version\ )?v?\d|version\ \d|history:)
        | previously\ /
        | we\ recommend\ (?:migrating|using|that\ you\ (?:use|migrate)) | this\ feature\ is\ | this\ feature\ includes
        | if\ you\ (?:want|wish|need)\ to\ (?:enable|use|have|learn|know)
        | (?:args|arguments|parameters|params|returns|raises|inputs?|outputs?)\s*:
        | (?:no|n/a|none|tbd|description|documentation)\W*$ | (?:description|documentation)\ (?:is\ )?not\ (?:yet\ )?available | no\ (?:description|documentation)
        | (?:©|copyright|all\ rights\ reserved|licen[sc]ed\ under)
        | (?:try\ it|click|curl|\$\ |example(?:s|\ request|\ response|\ usage)?\s*:|sample\ (?:request|response)|e\.g\.\ (?:get|post|put|delete)\ |(?:get|post|put|patch|delete)\ /)
        | (?:this|the)\ (?:{t})\ (?:can|may|will|might|could)\ (?:throw|return|fail|respond|raise)\ .*(?:error|exception|status|code)
        | (?:on|upon|if)\ (?:success|successful|an?\ error|failure)[^.]*(?:status|code|\b[2-5]\d\d\b|empty|http)
        | (?:possible|common|potential)\ (?:errors?|exceptions?|status|response)
        | (?:returns?|responds?\ with|sends?)\ (?:an?\ |the\ )?(?:http\ )?(?:status\ )?(?:code\ )?[`'\x22]?[2-5]\d\d\b
        | (?:http\ )?(?:status|response|error)\ codes?\b | [2-5]\d\d\b\s*[-–:]
        | this\ (?:topic|section|page|reference|document|article)\ (?:describes|shows|explains|covers|provides)
        | (?:by\ passing\ in\ the\ appropriate) | the\ following\ (?:is\ an?\ )?(?:example|errors?|exceptions?|request|sample)
        | (?:here\ is|below\ is|here's)\ an?\ (?:example|sample)
        | (?:private|public|closed|open|limited)\ (?:preview|beta)\W*$ | (?:this|it)\ indicates\ that\ the\ request
        | to\ (?:get|view|see|find|obtain)\ (?:more\ |detailed\ |additional\ |further\ )?(?:information|details)\ 
        | in\ the\ .*user\ guide | related\ (?:actions|operations|topics|resources) | see:? | optional\W*$ | required\W*$ | read-only\W*$ | output\ only\W*$ | todo\b
        )",
        t = THING.replace(' ', "\\ ")
    )
);
pattern!(
    HOLDS,
    r"(?i)rate[- ]limit|\b(?:requests|calls|times|transactions|queries|tps) (?:per|an?|each|every) (?:second|minute|hour|day|month)\b|\bonce (?:per|a|every) (?:second|minute|hour)\b|\bthrottl|all rights reserved|\bpreview (?:period|header|media)|media type in the `?accept|is in preview release|generally available as of|only available if you have|subject to change|\bcurl -|x-api-key|bearer token|in the .{3,60} (?:user guide|developer guide|administration guide)|, see |\bhttp [2-5]\d\d\b|\b[2-5]\d\d (?:\w+ ){0,3}(?:status|response|error)\b|\bstatus (?:code )?of [2-5]\d\d|authenticated user must|\b(?:is|are|been) (?:now )?deprecated\b|removed in a future|status ?code|\b[2-5]\d\d is returned|responds? with (?:an? )?(?:http )?[2-5]\d\d|\bcurl\b|\bare? available (?:for|in|to|with|on) .*(?:enterprise|cloud|plans?|customers|edition|repositories with|free)\b|\bis available (?:for|in|to|with|on) .*(?:enterprise|cloud|plans?|customers|edition|repositories with|free)\b"
);
pattern!(
    SECTION,
    r"(?i)^(?:\W*)(?:(?:sample |example |code )?(?:requests?|responses?|examples?|samples?|usages?|snippets?)\b|(?:http |possible |common )?(?:errors?|exceptions?|status|return) ?(?:codes?|handling|messages?|responses?)?\b|rate[- ]limit|limits\b|throttl|quota|authenti|authori[sz]|permissions?\b|(?:required |oauth )?scopes?\b|prerequisites?|pre-?conditions?|requirements|see also|related|references?\b|further|more info|additional (?:info|resources|links)|changelog|change log|changes|history|version|deprecat|migrat|headers?\b|request (?:headers?|body|parameters?|params|fields|format|syntax)|response (?:headers?|body|parameters?|fields|format|syntax|elements)|(?:query |path |body |url |input |output )?(?:parameters?|params|args|arguments?|raises|throws|yields|fields|properties|attributes|variables|inputs?|outputs?)\b|returns?\W*$|response\W*$|licen[sc]e|copyright|support\b|contact|links?\b|try it|faq|tutorial|availability|billing|pricing|note on|example|test\b|demo\b|sdks?\b|libraries|webhooks?\b|events?\W*$)"
);

// how a sentence says which request does it
pattern!(
    SEND,
    r"(?i)^(?:in order )?to (.{4,160}?),? (?:you (?:can|must|should|need to|may) )?(?:simply )?(?:send|make|issue|use|perform|submit|execute) (?:an?|the) (?:http )?(?:get|post|put|patch|delete|head) (?:request|call|method|operation)\b.*"
);
pattern!(DOCSTRING, r"\s(?:Args|Arguments|Parameters|Params|Returns|Raises): ?");
pattern!(TAIL, r"(?i)[.;:] deprecated: .*$");
pattern!(MARK, r"^\[[^\[\]]{1,40}\]\s*");

/// Longest sentence that counts as a pointer elsewhere, in bytes.
const POINTER_MAX: usize = 260;
/// Longest item that is told with its list, in bytes.
const ITEM_MAX: usize = 160;
/// Most items that are told.
const ITEMS_MAX: usize = 12;

/// Drops a beginning that says only that an endpoint is used, and starts with what it does.
pub fn without_lead(text: &str) -> String {
    if !text.is_ascii() && !text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return text.to_owned();
    }
    let verb = VERB_LEAD.captures(text).and_then(|c| c.get(1));
    if let Some(verb) = verb.filter(|v| acts(v.as_str())) {
        return verb_first(verb.as_str(), &text[verb.end()..]);
    }
    match LEAD.find(text) {
        Some(lead) if lead.end() < text.len() => capital(&text[lead.end()..]),
        _ => text.to_owned(),
    }
}

/// `This endpoint will return x` → `Returns x`.
fn verb_first(verb: &str, rest: &str) -> String {
    let lower = verb.to_lowercase();
    let verb = match lower.as_str() {
        _ if lower.ends_with('s') && !lower.ends_with("ss") => lower.clone(),
        _ if lower.ends_with("ch") || lower.ends_with("sh") || lower.ends_with("ss") => format!("{lower}es"),
        _ if lower.ends_with("py") || lower.ends_with("fy") => format!("{}ies", &lower[..lower.len() - 1]),
        _ => format!("{lower}s"),
    };
    format!("{}{rest}", capital(&verb))
}

/// Tells a text from what stands where one is missing.
pub fn is_text(sentence: &str) -> bool {
    let lower = sentence.to_lowercase();
    sentence.len() > 12 && !lower.contains("not available") && !lower.starts_with("no d")
}

/// Tells whether a sentence says nothing of what the operation does.
pub fn is_noise(sentence: &str) -> bool {
    sentence.len() < POINTER_MAX && POINTER.is_match(sentence)
        || BEGINS.is_match(sentence)
        || HOLDS.is_match(sentence)
        || sentence.contains("https://")
        || sentence.contains("http://")
        || sentence.contains("www.")
}

/// Returns the sentences of a document that say what the operation does; a list stands in the sentence that leads to it.
pub fn without(blocks: &[Block]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut skip: Option<u8> = None;
    let mut at = 0;
    while at < blocks.len() {
        let block = &blocks[at];
        at += 1;
        match block.kind {
            Kind::Heading(level) => {
                if skip.is_none_or(|s| level <= s) {
                    skip = SECTION.is_match(&block.text).then_some(level);
                }
            }
            _ if skip.is_some() => {}
            Kind::Code | Kind::Row => drop_intro(&mut out),
            Kind::Text => {
                let text =
                    DOCSTRING.find(&block.text).map_or(block.text.as_str(), |m| &block.text[..m.start()]);
                out.extend(whole(text).iter().filter_map(|s| told(s)));
            }
            Kind::Item => {
                let end =
                    blocks[at..].iter().position(|b| b.kind != Kind::Item).map_or(blocks.len(), |n| at + n);
                list(&blocks[at - 1..end], at >= 2 && leads(&blocks[at - 2]), &mut out);
                at = end;
            }
        }
    }
    // what leads to something that is not told says nothing, unless it is all there is
    let mut first = true;
    out.retain(|s| std::mem::take(&mut first) || !s.ends_with([':', '：']));
    for sentence in &mut out {
        finish(sentence);
    }
    out
}

/// Splits a text into sentences; what stands in brackets is in one of them.
fn whole(text: &str) -> Vec<String> {
    /// Longest text that is held together by a bracket, in bytes.
    const HELD_MAX: usize = 400;
    let mut out: Vec<String> = Vec::new();
    let mut open = false;
    for sentence in sentences(text) {
        let depth = |s: &str| s.matches('(').count().saturating_sub(s.matches(')').count());
        if let Some(last) = out.last_mut().filter(|last| open && last.len() + sentence.len() < HELD_MAX) {
            last.push(' ');
            last.push_str(sentence);
            open = depth(last) > 0;
        } else {
            open = depth(sentence) > 0;
            out.push(sentence.to_owned());
        }
    }
    out
}

/// Returns what a sentence says of the operation, where it says anything.
pub fn told(sentence: &str) -> Option<String> {
    let sentence = LABEL.replace(sentence, "");
    let sentence = MARK.replace(&sentence, "");
    let sentence = TAIL.replace(&sentence, ".");
    if let Some(found) = SEND.captures(&sentence) {
        return Some(format!("{}.", capital(&found[1])));
    }
    (!is_noise(&sentence) && says(&sentence)).then(|| capital(&sentence))
}

fn leads(block: &Block) -> bool {
    block.kind == Kind::Text && block.text.ends_with([':', '：'])
}

fn says(sentence: &str) -> bool {
    sentence.chars().filter(|c| c.is_alphabetic()).count() >= 2
}

/// Drops the sentence that leads to something that is not told.
fn drop_intro(out: &mut Vec<String>) {
    if out.len() > 1 && out.last().is_some_and(|s| s.ends_with([':', '：'])) {
        out.pop();
    }
}

/// Tells a list within the sentence before it, or each item by itself.
fn list(items: &[Block], introduced: bool, out: &mut Vec<String>) {
    let told: Vec<&str> = items
        .iter()
        .map(|i| sentences(&i.text).first().copied().unwrap_or_default())
        .filter(|t| says(t) && t.len() <= ITEM_MAX && !is_noise(t))
        .collect();
    if introduced {
        // the sentence itself may have been noise
        let Some(intro) = out.last_mut().filter(|s| s.ends_with([':', '：'])) else { return };
        if told.is_empty() || told.len() > ITEMS_MAX || told.len() * 2 < items.len() {
            out.pop();
            return;
        }
        let bare: Vec<&str> = told.iter().map(|t| t.trim_end_matches(['.', ';', ',', ' '])).collect();
        *intro = format!("{intro} {}", bare.join("; "));
        return;
    }
    out.extend(told.into_iter().map(capital));
}

/// Gives a sentence its final mark.
pub fn finish(sentence: &mut String) {
    while sentence.ends_with([';', ',', ' ', ':', '：']) {
        sentence.pop();
    }
    let Some(end) = sentence.chars().next_back() else { return };
    let bare = sentence.trim_end_matches(['"', '\'', ')', '”']);
    if !bare.ends_with(['.', '!', '?', '…', '。', '！', '？']) {
        sentence.push(stop(end));
    }
}
