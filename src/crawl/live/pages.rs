//! `initialize` and `tools/list`, page by page, over whatever the server is reached by; all of it bounded.

use rmcp::model::{
    ClientCapabilities, ClientRequest, ErrorCode, Extensions, Implementation, InitializeRequestParams,
    ListToolsRequest, ListToolsRequestMethod, PaginatedRequestParams, ServerResult,
};
use rmcp::service::{ClientInitializeError, Peer, RoleClient, RunningService, ServiceError, serve_client};
use rmcp::transport::IntoTransport;
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

/// How long a server may take to end a session.
const FAREWELL: Duration = Duration::from_secs(2);

/// What one server may take and say.
pub(super) struct Bounds {
    /// For each request, `initialize` among them.
    pub wait: Duration,
    /// Of all that it says.
    pub bytes: usize,
    /// Pages of its list.
    pub pages: usize,
    /// Tools that are read.
    pub tools: usize,
}

/// What a server says of itself and its tools.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub name: String,
    pub title: Option<String>,
    pub version: String,
    pub instructions: Option<String>,
    /// The tools as it lists them.
    pub tools: Vec<Value>,
    /// What of its list was left out: the rule and the reason.
    pub left_out: Option<(&'static str, String)>,
}

/// How asking a server ended early.
#[derive(Debug)]
pub(super) enum Broken {
    /// It could not be initialised.
    Start(Box<ClientInitializeError>),
    /// No answer to a request in time.
    Silent(&'static str),
    /// A page of the list did not come.
    Page(ServiceError),
    /// What came is no list.
    NoList,
}

impl Broken {
    /// Tells whether the server went away, rather than answered something or nothing.
    pub fn is_cut_off(&self) -> bool {
        match self {
            Self::Start(error) => matches!(
                **error,
                ClientInitializeError::ConnectionClosed(_) | ClientInitializeError::TransportError { .. }
            ),
            Self::Page(error) => {
                matches!(error, ServiceError::TransportClosed | ServiceError::TransportSend(_))
            }
            Self::Silent(_) | Self::NoList => false,
        }
    }
}

/// Initialises a session, asks for all tools, and ends the session.
pub(super) async fn ask<T, E, A>(transport: T, bounds: &Bounds) -> Result<Said, Broken>
where
    T: IntoTransport<RoleClient, E, A>,
    E: std::error::Error + Send + Sync + 'static,
{
    let own = Implementation::new("toolloom", env!("CARGO_PKG_VERSION"));
    let client = InitializeRequestParams::new(ClientCapabilities::default(), own);
    let mut session: RunningService<RoleClient, InitializeRequestParams> =
        match tokio::time::timeout(bounds.wait, serve_client(client, transport)).await {
            Err(_) => return Err(Broken::Silent("initialize")),
            Ok(Err(error)) => return Err(Broken::Start(Box::new(error))),
            Ok(Ok(session)) => session,
        };
    let mut said = Said::default();
    if let Some(info) = session.peer_info() {
        said.instructions = info.instructions.clone().filter(|text| !text.trim().is_empty());
        if let Some(server) = &info.server_info {
            said.name.clone_from(&server.name);
            said.title.clone_from(&server.title);
            said.version.clone_from(&server.version);
        }
    }
    let listed = list(session.peer(), bounds, &mut said).await;
    let _ = session.close_with_timeout(FAREWELL).await;
    listed.map(|()| said)
}

/// Pages through the list. A list that does not end, or is larger than it may be, is cut with a reason.
async fn list(peer: &Peer<RoleClient>, bounds: &Bounds, said: &mut Said) -> Result<(), Broken> {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut cursor = None;
    let mut bytes = 0;
    for _ in 0..bounds.pages {
        let Some(mut page) = page(peer, cursor, bounds).await? else { return Ok(()) };
        let Some(Value::Array(tools)) = page.get_mut("tools").map(Value::take) else {
            return Err(Broken::NoList);
        };
        for tool in tools {
            bytes += tool.to_string().len();
            if bytes > bounds.bytes {
                said.tools.clear();
                said.left_out = Some(too_large(bounds.bytes));
                return Ok(());
            }
            if said.tools.len() == bounds.tools {
                let reason = format!(
                    "the server lists more than limits.listing_tools ({}) tools; the further ones are left out",
                    bounds.tools
                );
                said.left_out = Some(("too_many", reason));
                return Ok(());
            }
            said.tools.push(tool);
        }
        let Some(next) = page.get("nextCursor").and_then(Value::as_str).filter(|next| !next.is_empty())
        else {
            return Ok(());
        };
        if !seen.insert(next.to_owned()) {
            let reason = "the server gives a cursor for the second time: its list does not end, and what may \
                          follow is left out";
            said.left_out = Some(("endless_list", reason.to_owned()));
            return Ok(());
        }
        cursor = Some(next.to_owned());
    }
    let reason = format!(
        "the server's list has more than limits.listing_pages ({}) pages; the further ones are left out",
        bounds.pages
    );
    said.left_out = Some(("too_many", reason));
    Ok(())
}

/// Asks for one page; none where the server has no tools at all.
async fn page(
    peer: &Peer<RoleClient>,
    cursor: Option<String>,
    bounds: &Bounds,
) -> Result<Option<Value>, Broken> {
    let params = PaginatedRequestParams::default().with_cursor(cursor);
    let request = ClientRequest::ListToolsRequest(ListToolsRequest {
        method: ListToolsRequestMethod,
        params: Some(params),
        extensions: Extensions::default(),
    });
    let answer = tokio::time::timeout(bounds.wait, peer.send_request(request));
    match answer.await.map_err(|_| Broken::Silent("tools/list"))? {
        // one tool that is no tool by the letter makes the whole page "custom"; the others are none the worse
        Ok(ServerResult::CustomResult(page)) => Ok(Some(page.0)),
        Ok(page) => serde_json::to_value(page).map(Some).map_err(|_| Broken::NoList),
        Err(ServiceError::McpError(error)) if error.code == ErrorCode::METHOD_NOT_FOUND => Ok(None),
        Err(error) => Err(Broken::Page(error)),
    }
}

/// Says that a server sends more than it may.
pub(super) fn too_large(bytes: usize) -> (&'static str, String) {
    (
        "too_large",
        format!("the server sends more than limits.spec_bytes ({bytes}); raise the limit to crawl it"),
    )
}
