//! A small MCP server whose behaviour is named: over standard input and output it is this test program, started again.

use rmcp::model::{
    Implementation, ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
    ToolAnnotations,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::{ErrorData, ServerHandler, ServiceExt};
use serde_json::{Map, Value, json};
use std::io::{BufRead, Write};
use std::sync::Arc;
use std::time::Duration;

/// Names the behaviour of a started server.
pub const BEHAVIOUR: &str = "BEHAVIOUR";

/// Tools of a page.
const PAGE: usize = 3;

/// How this program is started as a server.
pub fn command() -> (String, Vec<String>) {
    let program = std::env::current_exe().unwrap().to_string_lossy().into_owned();
    let test = "server::started_with_a_behaviour_this_program_is_a_server";
    (program, [test, "--exact", "--nocapture", "--test-threads=1"].map(str::to_owned).to_vec())
}

/// The server.
#[derive(Clone)]
pub struct Small {
    /// How it behaves.
    pub behaviour: String,
}

impl ServerHandler for Small {
    fn get_info(&self) -> ServerConfig {
        let own = Implementation::new("garden-mcp-server", "1.2.3").with_title("The Garden");
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(own)
            .with_instructions("Water in the morning.")
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let mut tools = tools();
        match self.behaviour.as_str() {
            "silent" => tokio::time::sleep(Duration::from_secs(600)).await,
            "broken" => return Err(ErrorData::internal_error("the shed is locked", None)),
            "backwards" => tools.reverse(),
            "empty" => tools.clear(),
            "secretive" => {
                let text = format!("Opens the shed with {}.", std::env::var("SHED_KEY").unwrap_or_default());
                tools = vec![Tool::new("open_shed", text, no_arguments())];
            }
            "large" => tools = vec![Tool::new("read_all", "x".repeat(10_000_000), no_arguments())],
            _ => {}
        }
        let from: usize = request.and_then(|r| r.cursor).and_then(|c| c.parse().ok()).unwrap_or_default();
        let to = tools.len().min(from + PAGE);
        let mut page = ListToolsResult::with_all_items(tools[from..to].to_vec());
        page.next_cursor = (to < tools.len()).then(|| to.to_string());
        if self.behaviour == "endless" && page.next_cursor.is_none() {
            page.next_cursor = Some(PAGE.to_string());
        }
        Ok(page)
    }
}

/// Eight tools, which are three pages.
fn tools() -> Vec<Tool> {
    let plant = json!({
        "type": "object",
        "properties": {
            "id": {"type": "integer", "description": "The plant's number."},
            "name": {"type": "string"},
            "beds": {"type": "array", "items": {"$ref": "#/$defs/Bed"}},
        },
        "required": ["id", "name"],
        "$defs": {"Bed": {"type": "object", "properties": {"row": {"type": "integer"}}}},
    });
    let by_id = json!({
        "type": "object",
        "properties": {"plantId": {"type": "integer", "description": "The plant's number."}},
        "required": ["plantId"],
    });
    let hints = |read_only, destructive, idempotent, open| {
        ToolAnnotations::from_raw(None, Some(read_only), Some(destructive), Some(idempotent), Some(open))
    };
    let mut tools = vec![
        Tool::new("get_plant", "Shows one plant.", object(&by_id))
            .with_raw_output_schema(object(&plant))
            .annotate(hints(true, false, true, false)),
        Tool::new("process_bed", "Gets a bed ready.", object(&by_id))
            .annotate(hints(false, true, false, false)),
        Tool::new("remove_note", "Removes a note.", object(&by_id))
            .annotate(hints(false, false, true, false)),
        Tool::new("untold", "Does what no name tells.", no_arguments()),
        Tool::new("titled", "", no_arguments()).with_title("Look at the weather over the garden"),
    ];
    for n in 1..=3 {
        let text = format!("Lists the plants of bed {n}.");
        tools.push(Tool::new(format!("list_plants_{n}"), text, no_arguments()));
    }
    tools
}

fn no_arguments() -> Arc<Map<String, Value>> {
    object(&json!({"type": "object", "properties": {}}))
}

fn object(schema: &Value) -> Arc<Map<String, Value>> {
    Arc::new(schema.as_object().unwrap().clone())
}

/// No test where it is started as one.
#[test]
fn started_with_a_behaviour_this_program_is_a_server() {
    let Ok(behaviour) = std::env::var(BEHAVIOUR) else { return };
    // the test harness has begun a line
    println!();
    match behaviour.as_str() {
        "dead" => {
            for n in 1..=40 {
                eprintln!("line {n} of what went wrong");
            }
            eprintln!("the shed's key {} does not fit", std::env::var("SHED_KEY").unwrap_or_default());
            std::process::exit(3);
        }
        "deaf" => std::thread::sleep(Duration::from_secs(600)),
        "lingering" => linger(),
        "loose" => return by_hand(),
        "chatty" => {
            println!("Garden server 1.2.3\n{{\"jsonrpc\": \"2.0\", \"oh\": \"no\"}}\n{{not json\n[]\n7");
        }
        _ => {}
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let running = Small { behaviour }.serve(rmcp::transport::stdio()).await.unwrap();
        running.waiting().await.unwrap();
    });
    // what the test harness would still say is none of the client's business
    std::process::exit(0);
}

/// Starts a further process that outlives this one, and ends only when both are killed.
fn linger() {
    let mut child = std::process::Command::new("sleep").arg("600").spawn().unwrap();
    let file = std::env::var("PIDS").unwrap();
    std::fs::write(file, format!("{} {}", std::process::id(), child.id())).unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let running = Small { behaviour: String::new() }.serve(rmcp::transport::stdio()).await.unwrap();
            running.waiting().await.unwrap();
        });
    });
    let _ = child.wait();
}

/// A server that takes the protocol's letter loosely: a tool without a schema, one without a name, fields of its own.
fn by_hand() {
    let mut out = std::io::stdout();
    for line in std::io::stdin().lock().lines() {
        let Ok(request) = serde_json::from_str::<Value>(&line.unwrap()) else { continue };
        let result = match request["method"].as_str().unwrap_or_default() {
            "initialize" => json!({
                "protocolVersion": "2024-11-05", "capabilities": {},
                "serverInfo": {"name": "loose", "version": "0"},
            }),
            "tools/list" => json!({"tools": [
                {"name": "good", "description": "Does it well.", "inputSchema": {"type": "object"}, "price": 7},
                {"name": "bare", "description": "Says not what it takes."},
                {"description": "Has no name.", "inputSchema": {"type": "object"}},
            ]}),
            _ => continue,
        };
        let answer = json!({"jsonrpc": "2.0", "id": request["id"], "result": result});
        writeln!(out, "{answer}").unwrap();
        out.flush().unwrap();
    }
    std::process::exit(0);
}
