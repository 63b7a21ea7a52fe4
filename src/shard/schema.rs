//! The Arrow schemas of the folder's tables: constants, whatever the rows hold.

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use std::sync::Arc;

/// A table of the run's folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// `data/`: the product.
    Data,
    /// `rejected/`: the same columns, plus stage, rule and reason.
    Rejected,
    /// `catalog.parquet`: a row an operation.
    Catalog,
    /// `tasks.parquet`: a row an ordinal.
    Tasks,
    /// `trees.parquet`: a row a search.
    Trees,
    /// `graph.parquet`: a row an edge between tools.
    Graph,
}

impl Table {
    /// All tables.
    pub const ALL: [Self; 6] =
        [Self::Data, Self::Rejected, Self::Catalog, Self::Tasks, Self::Trees, Self::Graph];

    /// Returns the table's name, as its files' metadata hold it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Rejected => "rejected",
            Self::Catalog => "catalog",
            Self::Tasks => "tasks",
            Self::Trees => "trees",
            Self::Graph => "graph",
        }
    }

    /// Returns the table's schema.
    pub fn schema(self) -> SchemaRef {
        let fields = match self {
            Self::Data => data(),
            Self::Rejected => {
                let mut fields = data();
                fields.extend([text("stage"), text("rule"), text("reason")]);
                fields
            }
            Self::Catalog => catalog(),
            Self::Tasks => tasks(),
            Self::Trees => trees(),
            Self::Graph => graph(),
        };
        Arc::new(Schema::new(fields))
    }
}

fn text(name: &str) -> Field {
    Field::new(name, DataType::Utf8, false)
}

fn optional_text(name: &str) -> Field {
    Field::new(name, DataType::Utf8, true)
}

fn int(name: &str) -> Field {
    Field::new(name, DataType::Int32, false)
}

fn long(name: &str) -> Field {
    Field::new(name, DataType::Int64, false)
}

fn float(name: &str) -> Field {
    Field::new(name, DataType::Float64, false)
}

fn list(name: &str, item: DataType, item_nullable: bool) -> Field {
    Field::new_list(name, Field::new("item", item, item_nullable), false)
}

fn messages() -> Field {
    let function = DataType::Struct(vec![text("name"), text("arguments")].into());
    let call =
        DataType::Struct(vec![text("id"), text("type"), Field::new("function", function, false)].into());
    let message = DataType::Struct(
        vec![
            text("role"),
            text("content"),
            optional_text("parts"),
            optional_text("reasoning"),
            Field::new_list("tool_calls", Field::new("item", call, false), true),
            optional_text("tool_call_id"),
            optional_text("name"),
            Field::new("loss", DataType::Boolean, false),
        ]
        .into(),
    );
    list("messages", message, false)
}

fn data() -> Vec<Field> {
    vec![
        text("id"),
        text("group_id"),
        text("split"),
        text("instruction"),
        messages(),
        text("tools"),
        text("answer"),
        text("scenario"),
        text("decision"),
        text("lang"),
        list("apis", DataType::Utf8, false),
        int("n_calls"),
        int("n_tools"),
        int("depth"),
        int("width"),
        int("n_errors"),
        int("est_tokens"),
        float("quality"),
        text("scores"),
        float("difficulty"),
        text("level"),
        text("verified"),
        optional_text("reference_calls"),
        optional_text("reference_facts"),
        optional_text("reference_state"),
        text("world"),
        text("strategy"),
        int("llm_calls"),
        int("tool_calls"),
        long("tokens_in"),
        long("tokens_out"),
        Field::new("cost_usd", DataType::Float64, true),
        text("provenance"),
    ]
}

fn catalog() -> Vec<Field> {
    vec![
        text("id"),
        optional_text("name"),
        optional_text("description"),
        optional_text("parameters"),
        optional_text("result"),
        optional_text("method"),
        optional_text("path"),
        optional_text("effect"),
        optional_text("api"),
        optional_text("category"),
        optional_text("collection"),
        text("source"),
        optional_text("licence"),
        list("labels", DataType::Utf8, false),
        optional_text("doc_short"),
        optional_text("doc_medium"),
        optional_text("doc_long"),
        optional_text("doc_lang"),
        Field::new("doc_quality", DataType::Float64, true),
        Field::new("kept", DataType::Boolean, false),
        optional_text("rule"),
        optional_text("reason"),
    ]
}

fn tasks() -> Vec<Field> {
    vec![
        long("ordinal"),
        optional_text("id"),
        optional_text("instruction"),
        optional_text("strategy"),
        optional_text("scenario"),
        optional_text("persona"),
        optional_text("lang"),
        list("apis", DataType::Utf8, false),
        list("offered", DataType::Utf8, false),
        list("needed", DataType::Utf8, false),
        optional_text("context"),
        optional_text("world"),
        optional_text("reference"),
        Field::new("distractor_similarity", DataType::Float64, true),
        Field::new("refused", DataType::Boolean, false),
        optional_text("stage"),
        optional_text("rule"),
        optional_text("reason"),
    ]
}

fn trees() -> Vec<Field> {
    vec![
        long("ordinal"),
        int("attempt"),
        text("role"),
        text("model"),
        optional_text("id"),
        optional_text("instruction"),
        text("end"),
        text("answers"),
        int("n_nodes"),
        int("max_depth"),
        int("llm_calls"),
        int("tool_calls"),
        int("memo_hits"),
        int("refused_repeats"),
        long("tokens_in"),
        long("tokens_out"),
        Field::new("cost_usd", DataType::Float64, true),
        text("nodes"),
    ]
}

fn graph() -> Vec<Field> {
    vec![
        text("api"),
        text("from"),
        text("from_field"),
        text("to"),
        text("to_parameter"),
        text("rule"),
        float("confidence"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a schema as text, a column a line: what is frozen.
    fn describe(schema: &Schema) -> String {
        let line = |f: &Arc<Field>| {
            let null = if f.is_nullable() { " or null" } else { "" };
            format!("{}: {}{null}\n", f.name(), kind(f.data_type()))
        };
        schema.fields().iter().map(line).collect()
    }

    fn kind(data_type: &DataType) -> String {
        match data_type {
            DataType::Utf8 => "string".to_owned(),
            DataType::Int32 => "int32".to_owned(),
            DataType::Int64 => "int64".to_owned(),
            DataType::Float64 => "double".to_owned(),
            DataType::Boolean => "bool".to_owned(),
            DataType::List(item) => format!("list<{}>", kind(item.data_type())),
            DataType::Struct(fields) => {
                let inner = |f: &Arc<Field>| {
                    let null = if f.is_nullable() { "?" } else { "" };
                    format!("{}{null}: {}", f.name(), kind(f.data_type()))
                };
                format!("struct<{}>", fields.iter().map(inner).collect::<Vec<_>>().join(", "))
            }
            other => other.to_string(),
        }
    }

    #[test]
    fn schemas_are_frozen() {
        let part = |t: &Table| {
            format!(
                "## {}
{}
",
                t.as_str(),
                describe(&t.schema())
            )
        };
        let all = Table::ALL.iter().map(part).collect::<Vec<_>>().concat();
        insta::assert_snapshot!("schemas", all);
    }
}
