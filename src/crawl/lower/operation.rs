//! One operation of a spec → a tool, and the rule that leaves it out.

use super::{effect, input, output};
use crate::crawl::docs::{self, Facts, Said};
use crate::crawl::rules::{self, Case};
use crate::crawl::schema::conditions;
use crate::crawl::values::{self, Inputs, Node, Outputs, POINTER, Route, Spec};
use crate::data::{ApiId, BodyEncoding, Call, Docs, FunctionName, HttpCall, Method, Source, Tool, ToolId};

/// One operation of a spec.
pub struct Operation<'a> {
    /// Its path.
    pub path: &'a str,
    /// What stands under the path.
    pub item: Node<'a>,
    /// The operation itself.
    pub node: Node<'a>,
    /// Its method.
    pub method: Method,
    /// Its method as the spec spells it.
    pub key: &'a str,
    /// Whether it stands under 3.2's `additionalOperations`.
    pub additional: bool,
}

impl Operation<'_> {
    /// Returns its JSON pointer in its file.
    fn pointer(&self) -> String {
        let above = if self.additional { "additionalOperations/" } else { "" };
        let path = self.path.replace('~', "~0").replace('/', "~1");
        self.node.text(POINTER).map_or_else(|| format!("/paths/{path}/{above}{}", self.key), str::to_owned)
    }
}

/// Lowers an operation: its tool, and the rule and the reason where one leaves it out.
pub fn lower<'a>(
    spec: &Spec<'a>,
    operation: &Operation<'a>,
    slug: &str,
) -> (Tool, Option<(&'static str, String)>) {
    let Operation { path, item, node, method, .. } = *operation;
    let text = format!(
        "{} {}",
        node.text("summary").unwrap_or_default(),
        node.text("description").unwrap_or_default()
    );
    let route = Route { method, path, text: &text };
    let mut inputs = input::lower(spec, &route, item, node);
    let outputs = output::lower(spec, node);
    let made = docs::from_path(method, path, spec.has_item(path), &inputs.free());
    let summary = node.text("summary").unwrap_or_default();
    let said = node.text("description").unwrap_or_default();
    let description = docs::describe(summary, said).unwrap_or_else(|| made.clone());
    let facts = Facts {
        properties: &inputs.properties,
        required: &inputs.required,
        result: outputs.result.as_deref(),
    };
    let written = docs::write(&Said { summary, description: said, otherwise: &made }, &facts);
    conditions::mine(&text, &inputs.texts, &inputs.properties, &inputs.required, &mut inputs.mined);
    let case = Case {
        method,
        path,
        operation: node,
        text: &text,
        description: &description,
        inputs: &inputs,
        outputs: &outputs,
    };
    let unfit = rules::judge(&case, &spec.plan.curation);
    for (name, unit) in &outputs.mined.units {
        inputs.mined.units.entry(name.clone()).or_insert_with(|| unit.clone());
    }
    let mut tool = tool(spec, operation, slug, description, inputs, outputs);
    tool.docs = written;
    let is_written = text.chars().any(char::is_alphabetic);
    tool.docs.quality = rules::quality(&tool, is_written);
    (tool, unfit)
}

/// Makes the tool, without its documentation.
fn tool(
    spec: &Spec<'_>,
    operation: &Operation<'_>,
    slug: &str,
    description: String,
    inputs: Inputs,
    outputs: Outputs,
) -> Tool {
    let Operation { path, item, node, method, .. } = *operation;
    let server =
        node.items("servers").first().or(item.items("servers").first()).and_then(|s| values::server_url(*s));
    let api = ApiId::new(format!("{}/{}", spec.api.provider, spec.api.slug()));
    let call = HttpCall {
        method,
        path: path.to_owned(),
        server: server.or_else(|| spec.head.server.clone()),
        places: inputs.places,
        body: inputs.encoding.unwrap_or(BodyEncoding::None),
        body_media: inputs.media,
        body_schema: inputs.body_schema,
        supplied: inputs.supplied,
        success: outputs.success,
        result_media: outputs.media,
    };
    Tool {
        docs: Docs::default(),
        labels: Vec::new(),
        id: ToolId::new(format!("{api}/{slug}")),
        name: FunctionName::new(format!("{}_{slug}", spec.api.short())),
        api,
        api_title: spec.head.title.clone(),
        parameters: values::parameters(inputs.properties, inputs.required),
        result: outputs.result,
        result_inferred: false,
        effect: effect::of(method, path, &description),
        mined: inputs.mined,
        errors: outputs.errors,
        category: node
            .items("tags")
            .first()
            .and_then(|t| t.value.as_str())
            .unwrap_or(&spec.head.title)
            .to_owned(),
        collection: String::new(),
        source: Source {
            spec: spec.head.spec.clone(),
            hash: spec.head.hash.clone(),
            pointer: operation.pointer(),
        },
        licence: spec.head.licence.clone(),
        pruned: inputs.pruned,
        description,
        call: Call::Http(call),
    }
}
