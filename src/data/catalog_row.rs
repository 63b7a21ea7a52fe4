//! A row of `catalog.parquet`: a tool, kept or dropped, with its free-form parts as JSON text.

use super::{Dropped, Method, Tool};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A row of `catalog.parquet`. What is not known of a thing that was dropped early is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are the columns, which the card explains")]
pub struct CatalogRow {
    pub id: String,
    pub name: Option<String>,
    pub description: Option<String>,
    pub parameters: Option<String>,
    pub result: Option<String>,
    pub method: Option<String>,
    pub path: Option<String>,
    pub effect: Option<String>,
    pub api: Option<String>,
    pub category: Option<String>,
    pub collection: Option<String>,
    pub source: String,
    pub licence: Option<String>,
    pub labels: Vec<String>,
    pub doc_short: Option<String>,
    pub doc_medium: Option<String>,
    pub doc_long: Option<String>,
    pub doc_lang: Option<String>,
    pub doc_quality: Option<f64>,
    pub kept: bool,
    pub rule: Option<String>,
    pub reason: Option<String>,
}

impl CatalogRow {
    /// The row of a kept tool.
    pub fn kept(tool: &Tool) -> Self {
        let json = |value: &Value| value.to_string();
        Self {
            id: tool.id.to_string(),
            name: Some(tool.name.to_string()),
            description: Some(tool.description.clone()),
            parameters: Some(json(&tool.parameters)),
            result: tool.result.as_deref().map(json),
            method: tool.call.method().map(|m| Method::as_str(m).to_owned()),
            path: tool.call.http().map(|call| call.path.clone()),
            effect: Some(tool.effect.as_str().to_owned()),
            api: Some(tool.api.to_string()),
            category: Some(tool.category.clone()),
            collection: Some(tool.collection.clone()),
            source: format!("{}#{}", tool.source.spec, tool.source.pointer),
            licence: Some(tool.licence.clone()),
            labels: tool.labels.iter().map(|label| label.as_str().to_owned()).collect(),
            doc_short: Some(tool.docs.short.clone()),
            doc_medium: Some(tool.docs.medium.clone()),
            doc_long: Some(tool.docs.long.clone()),
            doc_lang: tool.docs.lang.clone(),
            doc_quality: Some(tool.docs.quality),
            kept: true,
            rule: None,
            reason: None,
        }
    }

    /// The row of what was left out.
    pub fn dropped(dropped: &Dropped) -> Self {
        let bare = || Self {
            method: dropped.operation.as_ref().and_then(|(method, _)| *method).map(|m| m.as_str().to_owned()),
            path: dropped.operation.as_ref().map(|(_, path)| path.clone()),
            source: dropped.spec.clone(),
            ..Self::default()
        };
        let mut row = dropped.tool.as_deref().map_or_else(bare, Self::kept);
        row.id.clone_from(&dropped.id);
        row.drop(&dropped.rule, &dropped.reason);
        row
    }

    /// Marks the row as dropped.
    pub fn drop(&mut self, rule: &str, reason: &str) {
        self.kept = false;
        self.rule = Some(rule.to_owned());
        self.reason = Some(reason.to_owned());
    }
}
