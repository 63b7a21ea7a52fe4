//! What verbs want: of people's words, and of tools' names and descriptions.

/// What a verb does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Reads one or several records.
    Read,
    /// Makes a record.
    Create,
    /// Changes one.
    Update,
    /// Removes one.
    Delete,
    /// Does something else.
    Act,
}

const CREATE: &[&str] = &[
    "add", "create", "make", "put", "set up", "start", "new", "register", "book", "schedule", "place",
    "post", "write", "leave", "log", "note", "claim", "insert", "jot", "record", "sign", "enter", "plan",
    "open", "draft", "file", "raise", "pencil", "setup", "stick", "block", "order", "upload", "submit",
    "comment", "need", "drop", "reply", "throw",
];
const UPDATE: &[&str] = &[
    "change",
    "update",
    "set",
    "rename",
    "mark",
    "tick",
    "edit",
    "correct",
    "adjust",
    "push",
    "bump",
    "reschedule",
    "postpone",
    "switch",
    "turn",
    "make",
    "put",
    "fix",
    "assign",
    "complete",
    "close",
    "reopen",
    "raise",
    "lower",
    "increase",
    "extend",
    "shift",
    "fill",
    "amend",
    "call",
    "modify",
    "move",
    "flip",
    "revise",
    "swap",
    "replace",
    "bring",
    "check",
    "give",
    "reassign",
    "rewrite",
    "resolve",
    "tag",
    "label",
    "be",
    "become",
    "should",
    "patch",
    "reprice",
    "retitle",
    "relabel",
    "reword",
    "rephrase",
    "reset",
    "retag",
];
const DELETE: &[&str] = &[
    "delete", "remove", "cancel", "drop", "rid", "kill", "scrap", "erase", "clear", "wipe", "bin", "trash",
    "discard", "destroy", "unlink", "revoke", "ditch", "purge", "take", "throw", "clean", "close", "chuck",
    "strike",
];
const ACT: &[&str] = &[
    "send",
    "text",
    "message",
    "email",
    "mail",
    "move",
    "follow",
    "verify",
    "publish",
    "end",
    "approve",
    "accept",
    "decline",
    "reject",
    "dispatch",
    "call",
    "ring",
    "phone",
    "validate",
    "archive",
    "share",
    "invite",
    "subscribe",
    "watch",
    "unfollow",
    "link",
    "log",
    "clear",
    "empty",
    "ship",
    "refund",
    "buy",
    "confirm",
    "import",
    "test",
    "stop",
    "pick",
    "mark",
    "counter",
    "negotiate",
    "bump",
];

/// Returns what a word can want when a person says it, likeliest first; `None` for a word that is no such verb.
pub fn wanted(word: &str) -> Option<Vec<Class>> {
    let base = base(word);
    let mut classes = Vec::new();
    let has = |list: &[&str]| list.contains(&word) || base.as_deref().is_some_and(|b| list.contains(&b));
    let verbs = [
        (Class::Delete, DELETE),
        (Class::Create, CREATE),
        (Class::Update, UPDATE),
        (Class::Act, ACT),
        (Class::Act, TOOL_ACT),
    ];
    for (class, list) in verbs {
        if has(list) {
            classes.push(class);
        }
    }
    (!classes.is_empty()).then_some(classes)
}

/// Returns the base of a form in -ed, -ing or -s.
pub fn base(word: &str) -> Option<String> {
    let undouble = |s: &str| {
        let mut chars = s.chars().rev();
        match (chars.next(), chars.next()) {
            (Some(a), Some(b)) if a == b && !matches!(a, 'l' | 's' | 'e' | 'o') => {
                s[..s.len() - 1].to_owned()
            }
            _ => s.to_owned(),
        }
    };
    let known = |s: &str| [CREATE, UPDATE, DELETE, ACT, TOOL_ACT].iter().any(|list| list.contains(&s));
    for ending in ["ing", "ed", "d", "s"] {
        if let Some(stem) = word.strip_suffix(ending).filter(|s| s.len() > 1) {
            for candidate in [
                stem.to_owned(),
                format!("{stem}e"),
                undouble(stem),
                stem.strip_suffix('l').unwrap_or(stem).to_owned(),
            ] {
                if known(&candidate) {
                    return Some(candidate);
                }
            }
        }
    }
    None
}

/// What tools do and people rarely say in these words.
const TOOL_ACT: &[&str] = &[
    "flag",
    "rate",
    "like",
    "star",
    "pin",
    "mute",
    "block",
    "report",
    "hide",
    "restore",
    "undo",
    "merge",
    "transfer",
    "redeem",
    "activate",
    "deactivate",
    "enable",
    "disable",
    "run",
    "execute",
    "retry",
    "resend",
    "sync",
    "assign",
    "unassign",
    "pay",
    "capture",
    "void",
    "dismiss",
    "snooze",
    "favorite",
    "vote",
];

const TOOL_CREATE: &[&str] = &[
    "create", "add", "insert", "new", "post", "make", "register", "place", "claim", "setup", "upload",
    "submit", "book", "import", "schedule", "start", "adds", "creates", "inserts", "imports",
];
const TOOL_READ: &[&str] = &[
    "list", "find", "search", "get", "fetch", "browse", "retrieve", "query", "return", "read", "show",
    "view", "lookup", "look", "all", "one", "count", "check", "describe", "see",
];
const TOOL_UPDATE: &[&str] =
    &["update", "patch", "modify", "edit", "change", "set", "rename", "put", "replace", "mark"];
const TOOL_DELETE: &[&str] = &["delete", "remove", "destroy", "unlink", "revoke"];

/// Returns what a verb in a tool's name or description says that the tool does.
pub fn of_tool(word: &str) -> Option<Class> {
    let lists = [
        (Class::Delete, TOOL_DELETE),
        (Class::Create, TOOL_CREATE),
        (Class::Update, TOOL_UPDATE),
        (Class::Read, TOOL_READ),
        (Class::Act, ACT),
        (Class::Act, TOOL_ACT),
    ];
    let forms = [
        word.to_owned(),
        word.strip_suffix('s').unwrap_or(word).to_owned(),
        word.strip_suffix("es").unwrap_or(word).to_owned(),
    ];
    lists.iter().find(|(_, list)| forms.iter().any(|f| list.contains(&f.as_str()))).map(|(class, _)| *class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_brought_to_their_base() {
        assert_eq!(base("renamed").as_deref(), Some("rename"));
        assert_eq!(base("dropping").as_deref(), Some("drop"));
        assert_eq!(base("cancelled").as_deref(), Some("cancel"));
        assert!(wanted("train").is_none());
        assert_eq!(of_tool("Returns".to_lowercase().as_str()), Some(Class::Read));
    }
}
