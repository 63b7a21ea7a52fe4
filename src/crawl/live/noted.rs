//! A client of streamable HTTP that notes what went wrong: the library ends a session without saying why.

use crate::net::causes;
use futures_util::future::FutureExt;
use futures_util::stream::StreamExt;
use reqwest::header::{HeaderName, HeaderValue};
use rmcp::model::ClientJsonRpcMessage;
use rmcp::transport::common::client_side_sse::BoxedSseResponse;
use rmcp::transport::streamable_http_client::{
    StreamableHttpClient, StreamableHttpError, StreamableHttpPostResponse, StreamableHttpResponseLimits,
};
use std::collections::HashMap;
use std::error::Error;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

/// The client; its clones note in one place.
#[derive(Clone)]
pub(super) struct Noted {
    client: reqwest::Client,
    first: Arc<Mutex<Option<String>>>,
}

type Failed = StreamableHttpError<reqwest::Error>;
type Headers = HashMap<HeaderName, HeaderValue>;

impl Noted {
    pub fn new(client: reqwest::Client) -> Self {
        Self { client, first: Arc::default() }
    }

    /// Returns what went wrong first.
    pub fn first(&self) -> Option<String> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, error: &dyn Error) {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert_with(|| causes(error));
    }

    fn listen(&self, stream: BoxedSseResponse) -> BoxedSseResponse {
        let noted = self.clone();
        stream
            .inspect(move |event| {
                if let Err(error) = event {
                    noted.note(error);
                }
            })
            .boxed()
    }
}

impl StreamableHttpClient for Noted {
    type Error = reqwest::Error;

    fn post_message(
        &self,
        uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session_id: Option<Arc<str>>,
        auth_header: Option<String>,
        custom_headers: Headers,
    ) -> impl Future<Output = Result<StreamableHttpPostResponse, Failed>> + Send + '_ {
        self.client.post_message(uri, message, session_id, auth_header, custom_headers)
    }

    async fn post_message_with_response_limits(
        &self,
        uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session_id: Option<Arc<str>>,
        auth_header: Option<String>,
        custom_headers: Headers,
        limits: StreamableHttpResponseLimits,
    ) -> Result<StreamableHttpPostResponse, Failed> {
        let asked = self.client.post_message_with_response_limits(
            uri,
            message,
            session_id,
            auth_header,
            custom_headers,
            limits,
        );
        match asked.await {
            Ok(StreamableHttpPostResponse::Sse(stream, id)) => {
                Ok(StreamableHttpPostResponse::Sse(self.listen(stream), id))
            }
            Ok(other) => Ok(other),
            Err(error) => {
                self.note(&error);
                Err(error)
            }
        }
    }

    fn delete_session(
        &self,
        uri: Arc<str>,
        session_id: Arc<str>,
        auth_header: Option<String>,
        custom_headers: Headers,
    ) -> impl Future<Output = Result<(), Failed>> + Send + '_ {
        self.client.delete_session(uri, session_id, auth_header, custom_headers)
    }

    fn get_stream(
        &self,
        uri: Arc<str>,
        session_id: Option<Arc<str>>,
        last_event_id: Option<String>,
        auth_header: Option<String>,
        custom_headers: Headers,
    ) -> impl Future<Output = Result<BoxedSseResponse, Failed>> + Send + '_ {
        self.client.get_stream(uri, session_id, last_event_id, auth_header, custom_headers)
    }

    fn get_stream_with_max_sse_event_size(
        &self,
        uri: Arc<str>,
        session_id: Option<Arc<str>>,
        last_event_id: Option<String>,
        auth_header: Option<String>,
        custom_headers: Headers,
        max_sse_event_size: usize,
    ) -> impl Future<Output = Result<BoxedSseResponse, Failed>> + Send + '_ {
        let opened = self.client.get_stream_with_max_sse_event_size(
            uri,
            session_id,
            last_event_id,
            auth_header,
            custom_headers,
            max_sse_event_size,
        );
        opened.map(|opened| opened.map(|stream| self.listen(stream)))
    }
}
