//! Safety labels: what a careful caller should know before a tool is called. `crawl.labels.exclude` drops by them (rule
//! `label_excluded`).
//!
//! - *destructive*: it removes something or cannot be taken back: its effect says so, or its name or description begins with
//!   such a verb.
//! - *payment*: it changes something, and its path, name or fields are of moving money or of committing to pay.
//! - *credential*: its path, parameters or result hold secrets: passwords, keys, tokens. What the environment supplies itself
//!   is no parameter and does not count.

use crate::config::plan::Curation;
use crate::crawl::prose::{singular, words};
use crate::data::{Effect, Label, Tool};
use serde_json::Value;

/// What the rule drops.
pub const DROPS: &str = "operations with a label of `crawl.labels.exclude`: destructive, payment, credential";

/// Returns why a tool is dropped.
pub fn check(tool: &Tool, curation: &Curation) -> Option<String> {
    let label = tool.labels.iter().find(|label| curation.labels.exclude.contains(label))?;
    Some(format!("it is labelled {}", label.as_str()))
}

/// Verbs that remove for good.
const REMOVES: [&str; 16] = [
    "delete",
    "deletes",
    "remove",
    "removes",
    "destroy",
    "destroys",
    "purge",
    "purges",
    "erase",
    "erases",
    "wipe",
    "wipes",
    "terminate",
    "terminates",
    "drop",
    "revoke",
];

/// Words of a path or a name that are of moving money.
const PAYS: [&str; 15] = [
    "pay",
    "payment",
    "charge",
    "refund",
    "payout",
    "checkout",
    "purchase",
    "withdraw",
    "withdrawal",
    "deposit",
    "donate",
    "donation",
    "remittance",
    "disbursement",
    "tip",
];
/// Words that are, where money is a field.
const MAY_PAY: [&str; 16] = [
    "transfer",
    "order",
    "booking",
    "book",
    "subscribe",
    "subscription",
    "invoice",
    "buy",
    "sell",
    "trade",
    "bid",
    "transaction",
    "send",
    "capture",
    "topup",
    "authorize",
];
/// Fields that say that money moves.
const MONEY: [&str; 16] = [
    "amount",
    "currency",
    "price",
    "iban",
    "cardnumber",
    "paymentmethod",
    "paymentmethodid",
    "paymentsource",
    "creditcard",
    "cvv",
    "cvc",
    "bankaccount",
    "accountnumber",
    "paymenttoken",
    "billingaddress",
    "paymentintent",
];
/// Fields that hold a secret.
const SECRETS: [&str; 26] = [
    "password",
    "passwd",
    "newpassword",
    "oldpassword",
    "currentpassword",
    "passphrase",
    "secret",
    "clientsecret",
    "apikey",
    "apisecret",
    "apitoken",
    "accesstoken",
    "refreshtoken",
    "authtoken",
    "privatekey",
    "secretkey",
    "accesskey",
    "secretaccesskey",
    "sessiontoken",
    "idtoken",
    "bearertoken",
    "signingsecret",
    "webhooksecret",
    "signingkey",
    "encryptionkey",
    "adminpassword",
];
/// Segments of a path or of a name that are of secrets.
const SECRET_THINGS: [&str; 17] = [
    "password",
    "secret",
    "apikey",
    "accesskey",
    "credential",
    "accesstoken",
    "apitoken",
    "authtoken",
    "sshkey",
    "gpgkey",
    "deploykey",
    "signingkey",
    "privatekey",
    "token",
    "personalaccesstoken",
    "servicetoken",
    "secretkey",
];

/// Returns the labels of a tool, sorted.
pub fn labels(tool: &Tool) -> Vec<Label> {
    let segments = segments(tool);
    let fields = fields(&tool.parameters);
    let mut out = Vec::new();
    if is_destructive(tool, &segments) {
        out.push(Label::Destructive);
    }
    if tool.effect != Effect::Reads && pays(&segments, &fields) {
        out.push(Label::Payment);
    }
    let named = segments.iter().rev().take(2).any(|s| SECRET_THINGS.contains(&stem(s).as_str()));
    let held = |names: &[String]| names.iter().any(|f| SECRETS.contains(&f.as_str()));
    if named || held(&fields) || tool.result.as_ref().is_some_and(|result| held(&self::fields(result))) {
        out.push(Label::Credential);
    }
    out
}

/// Returns the words of each literal segment of the path; of a function, its name's words as one segment.
fn segments(tool: &Tool) -> Vec<Vec<String>> {
    let path = tool.call.path();
    if tool.call.http().is_none() || path.is_empty() {
        let slug = tool.id.as_str().rsplit('/').next().unwrap_or_default();
        return vec![words(slug)];
    }
    path.split(['/', '#', ':', '=', '.'])
        .filter(|s| !s.is_empty() && !s.contains(['{', '}']))
        .map(words)
        .collect()
}

/// Returns a segment as one word, in the singular: `api-keys` is `apikey`.
fn stem(segment: &[String]) -> String {
    singular(&segment.concat())
}

/// Returns the names of a schema's fields, those of its items and of what is nested one level among them, as one word each.
fn fields(schema: &Value) -> Vec<String> {
    let mut out = Vec::new();
    let mut level = vec![schema];
    for _ in 0..2 {
        let mut next = Vec::new();
        for schema in level {
            let inner = schema.get("items").unwrap_or(schema);
            for (name, field) in inner.get("properties").and_then(Value::as_object).into_iter().flatten() {
                let flat = name.chars().filter(char::is_ascii_alphanumeric);
                out.push(flat.map(|c| c.to_ascii_lowercase()).collect());
                next.push(field);
            }
        }
        level = next;
    }
    out
}

fn is_destructive(tool: &Tool, segments: &[Vec<String>]) -> bool {
    let removes = |word: Option<&String>| word.is_some_and(|w| REMOVES.contains(&w.as_str()));
    let first = words(tool.description.split_whitespace().next().unwrap_or_default());
    let last = segments.last().and_then(|s| s.first());
    tool.effect == Effect::Destroys
        || tool.effect == Effect::Writes && (removes(last) || removes(first.first()))
}

fn pays(segments: &[Vec<String>], fields: &[String]) -> bool {
    let has = |list: &[&str], word: &str| list.contains(&singular(word).as_str());
    let money = fields.iter().filter(|f| MONEY.contains(&f.as_str())).count();
    let tail = segments.iter().rev().take(3).flatten();
    // where methods of payment are stored, a list is kept and no money moves
    let stores = segments.last().is_some_and(|s| {
        let flat = s.concat();
        ["method", "setting", "term", "webhook", "profile", "link", "type", "option"]
            .iter()
            .any(|w| flat.contains(w))
    });
    let mut tail = tail.peekable();
    tail.peek().is_some() && tail.any(|w| has(&PAYS, w) && !stores || has(&MAY_PAY, w) && money > 0)
        || money >= 2 && fields.iter().any(|f| f == "amount" || f == "cardnumber" || f == "iban")
}

#[cfg(test)]
mod tests {
    use super::super::testing::tool;
    use super::*;
    use crate::config::plan::LabelChoice;
    use crate::data::Method::{Delete, Get, Post};
    use serde_json::json;

    fn with(mut tool: Tool, fields: &[&str]) -> Tool {
        let properties: serde_json::Map<String, Value> =
            fields.iter().map(|f| ((*f).to_owned(), json!({"type": "string"}))).collect();
        tool.parameters = json!({"type": "object", "properties": properties});
        tool
    }

    #[test]
    fn what_removes_is_destructive() {
        assert_eq!(labels(&tool(Delete, "/pets/{id}", "Deletes a pet.")), [Label::Destructive]);
        assert_eq!(labels(&tool(Post, "/pets/{id}/purge", "Cleans up.")), [Label::Destructive]);
        assert_eq!(labels(&tool(Post, "/pets", "Removes all pets of a kind.")), [Label::Destructive]);
        assert_eq!(labels(&tool(Post, "/pets", "Adds a pet.")), []);
        assert_eq!(labels(&tool(Get, "/pets/deleted", "Lists deleted pets.")), []);
    }

    #[test]
    fn what_moves_money_is_a_payment_and_reading_of_it_is_none() {
        assert_eq!(labels(&tool(Post, "/v1/charges", "Creates a charge.")), [Label::Payment]);
        assert_eq!(labels(&tool(Post, "/orders/{id}/refunds", "Refunds an order.")), [Label::Payment]);
        assert_eq!(
            labels(&with(tool(Post, "/transfers", "Makes a transfer."), &["amount", "to"])),
            [Label::Payment]
        );
        assert_eq!(labels(&tool(Get, "/v1/charges", "Lists charges.")), []);
        assert_eq!(labels(&tool(Post, "/repos/{id}/transfer", "Transfers a repository.")), []);
        assert_eq!(labels(&tool(Post, "/payment-methods", "Stores a method of payment.")), []);
    }

    #[test]
    fn what_holds_secrets_is_a_credential() {
        assert_eq!(
            labels(&with(tool(Post, "/users", "Adds a user."), &["name", "password"])),
            [Label::Credential]
        );
        assert_eq!(labels(&tool(Get, "/api-keys", "Lists keys.")), [Label::Credential]);
        let mut key = tool(Post, "/projects/{id}/keys", "Makes a key.");
        key.result =
            Some(json!({"type": "object", "properties": {"private_key": {"type": "string"}}}).into());
        assert_eq!(labels(&key), [Label::Credential]);
        assert_eq!(labels(&with(tool(Get, "/pets", "Lists pets."), &["page_token"])), []);
    }

    #[test]
    fn a_plan_leaves_out_by_label() {
        let mut pets = tool(Delete, "/pets/{id}", "Deletes a pet.");
        pets.labels = labels(&pets);
        let exclude =
            |label| Curation { labels: LabelChoice { exclude: vec![label] }, ..Curation::default() };
        assert!(check(&pets, &exclude(Label::Destructive)).is_some());
        assert!(check(&pets, &exclude(Label::Payment)).is_none());
    }
}
