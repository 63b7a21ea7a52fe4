//! Servers that are there already, over streamable HTTP.

use super::server::Small;
use super::{crawl_all, limits, remote};
use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use std::sync::Arc;

/// Serves on loopback until the test's process ends. With a key it wants that key as its bearer's.
fn serve(behaviour: &'static str, key: Option<String>, is_stateless: bool) -> String {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let mut config = StreamableHttpServerConfig::default();
            if is_stateless {
                config.legacy_session_mode = false;
                config.json_response = true;
            }
            let small = move || Ok(Small { behaviour: behaviour.to_owned() });
            let service = StreamableHttpService::new(small, Arc::new(LocalSessionManager::default()), config);
            let guard =
                middleware::from_fn(move |request: Request, next: Next| check(key.clone(), request, next));
            let app = Router::new().route_service("/mcp", service).layer(guard);
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            tell.send(listener.local_addr().unwrap()).unwrap();
            axum::serve(listener, app).await.unwrap();
        });
    });
    format!("http://{}/mcp", told.recv().unwrap())
}

async fn check(key: Option<String>, request: Request, next: Next) -> Response {
    let given = request.headers().get("authorization").and_then(|v| v.to_str().ok()).unwrap_or_default();
    match key {
        Some(key) if given != format!("Bearer {key}") => {
            (StatusCode::UNAUTHORIZED, format!("no such key: {given}")).into_response()
        }
        _ => next.run(request).await,
    }
}

#[test]
fn a_server_over_http_is_listed_like_one_that_is_started() {
    let of = |is_stateless| {
        crawl_all(vec![remote(serve("good", None, is_stateless), &[])], &limits(30_000)).unwrap()
    };
    let (one, other) = (of(false), of(true));
    assert_eq!(one.tools.len(), 8, "{:?}", one.dropped);
    assert_eq!(serde_json::to_string(&one).unwrap(), serde_json::to_string(&other).unwrap());
    let started = crawl_all(vec![super::started("good", None)], &limits(30_000)).unwrap();
    assert_eq!(one.hash, started.hash, "how a server is reached is no part of what it lists");
}

#[test]
fn a_header_takes_its_key_from_a_variable_and_no_message_shows_it() {
    let path = std::env::var("PATH").unwrap();
    let url = serve("good", Some(path.clone()), false);
    let source = remote(url.clone(), &[("Authorization", "Bearer $PATH")]);
    assert_eq!(crawl_all(vec![source], &limits(30_000)).unwrap().tools.len(), 8);
    for headers in [&[][..], &[("Authorization", "Bearer $HOME")]] {
        let error = crawl_all(vec![remote(url.clone(), headers)], &limits(30_000)).unwrap_err().to_string();
        assert!(error.contains("it wants a key") && error.contains(&url), "{error}");
    }
    let url = serve("good", Some("another".to_owned()), false);
    let source = remote(url, &[("Authorization", "Bearer $PATH")]);
    let error = crawl_all(vec![source], &limits(30_000)).unwrap_err().to_string();
    assert!(!error.contains(&path), "{error}");
}

#[test]
fn servers_over_http_that_misbehave_end_in_a_reason_or_an_error() {
    let of = |behaviour| crawl_all(vec![remote(serve(behaviour, None, true), &[])], &limits(30_000));
    assert_eq!(of("endless").unwrap().dropped[0].rule, "endless_list");
    let error = of("broken").unwrap_err().to_string();
    assert!(error.contains("the shed is locked"), "{error}");
    for is_stateless in [true, false] {
        let mut small = limits(3000);
        small.spec_bytes = 1_000_000;
        let source = remote(serve("large", None, is_stateless), &[]);
        let catalog = crawl_all(vec![source], &small).unwrap();
        assert_eq!(catalog.dropped[0].rule, "too_large", "{:?}", catalog.dropped);
    }
    let error =
        crawl_all(vec![remote(serve("silent", None, false), &[])], &limits(1000)).unwrap_err().to_string();
    assert!(error.contains("no answer to `tools/list` within 1000 ms"), "{error}");
}

#[test]
fn an_address_where_no_such_server_is_says_what_to_check() {
    let url = serve("good", None, false);
    let error = crawl_all(vec![remote(url.replace("/mcp", "/other"), &[])], &limits(10_000)).unwrap_err();
    assert!(error.to_string().contains("streamable HTTP endpoint"), "{error}");
    // a port that nobody listens on: it was bound and let go
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error =
        crawl_all(vec![remote(format!("http://127.0.0.1:{port}/mcp"), &[])], &limits(10_000)).unwrap_err();
    assert!(error.to_string().contains("is it running"), "{error}");
}
