//! What goes wrong, drawn by seed: *passing* faults, a function of the request and of how often it was seen, and
//! *lasting* ones, a function of the request alone: what the server says, so data.

use serde_json::{Value, json};
use std::time::Duration;

/// How a server misbehaves.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// Other seeds, other faults.
    pub seed: u64,
    /// Per cent of the requests that fail at first and are served later.
    pub passing: u64,
    /// Per cent of the requests that get an odd reply, the same each time.
    pub lasting: u64,
    /// Of a thousand requests so many fail whenever they are asked, quickly.
    pub lost: u64,
    /// How long a reply takes.
    pub delay: Duration,
    /// Tokens a server counts for each that the client expects.
    pub heaviness: u64,
    /// Whether what passes never does.
    pub for_good: bool,
    /// One and the same for every request, instead of what is drawn; one that passes does so at once.
    pub always: Option<Mood>,
}

/// A server in its best mood.
pub const FAIR: Weather = Weather {
    seed: 1,
    passing: 0,
    lasting: 0,
    lost: 0,
    delay: Duration::ZERO,
    heaviness: 1,
    for_good: false,
    always: None,
};

/// Three requests in ten go wrong.
pub const FOUL: Weather = Weather { passing: 18, lasting: 12, ..FAIR };

/// What passes: nothing that was said arrives whole, or the server says itself that it was not the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passing {
    TooMany,
    TooManyWaitFraction,
    TooManyWaitSeconds,
    TooManyWaitDate,
    Broken,
    Unavailable,
    UnavailableHtml,
    EmptyReply,
    Page,
    CutReply,
    ClosedUnanswered,
    ResetInHead,
    ResetInBody,
    EndsTooEarly,
    Hangs,
    DribblesTooLong,
}

/// What lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasting {
    WrongType,
    NoChoices,
    NoMessage,
    NullContent,
    ErrorObject,
    Rejected,
    Refusal,
    Filtered,
    CutAtLength,
    BadArguments,
    UnknownTool,
    SameIds,
    NoUsage,
    Huge,
    Dribbles,
}

impl Passing {
    /// Cheap ones stand here more often than those that cost a test time.
    pub const DRAWN: [Self; 30] = [
        Self::TooMany,
        Self::TooMany,
        Self::TooManyWaitFraction,
        Self::TooManyWaitFraction,
        Self::TooManyWaitSeconds,
        Self::TooManyWaitDate,
        Self::Broken,
        Self::Broken,
        Self::Broken,
        Self::Unavailable,
        Self::Unavailable,
        Self::Unavailable,
        Self::UnavailableHtml,
        Self::UnavailableHtml,
        Self::UnavailableHtml,
        Self::EmptyReply,
        Self::Page,
        Self::CutReply,
        Self::CutReply,
        Self::ClosedUnanswered,
        Self::ClosedUnanswered,
        Self::ResetInHead,
        Self::ResetInHead,
        Self::ResetInBody,
        Self::ResetInBody,
        Self::EndsTooEarly,
        Self::EndsTooEarly,
        Self::EndsTooEarly,
        Self::Hangs,
        Self::DribblesTooLong,
    ];

    /// Those that take no time, so that a request which is lost has used up its attempts while others are served.
    pub const QUICK: [Self; 8] = [
        Self::Broken,
        Self::Unavailable,
        Self::UnavailableHtml,
        Self::EmptyReply,
        Self::Page,
        Self::CutReply,
        Self::ClosedUnanswered,
        Self::EndsTooEarly,
    ];

    /// Tells whether the server says that it has too much to do.
    pub fn is_too_many(self) -> bool {
        matches!(
            self,
            Self::TooMany | Self::TooManyWaitFraction | Self::TooManyWaitSeconds | Self::TooManyWaitDate
        )
    }
}

impl Lasting {
    pub const ALL: [Self; 15] = [
        Self::WrongType,
        Self::NoChoices,
        Self::NoMessage,
        Self::NullContent,
        Self::ErrorObject,
        Self::Rejected,
        Self::Refusal,
        Self::Filtered,
        Self::CutAtLength,
        Self::BadArguments,
        Self::UnknownTool,
        Self::SameIds,
        Self::NoUsage,
        Self::Huge,
        Self::Dribbles,
    ];
}

/// What a server does with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Fair,
    Passing(Passing),
    Lasting(Lasting),
}

impl Weather {
    /// Draws what becomes of a request that was seen `before` times.
    pub fn mood(&self, body: &[u8], before: usize) -> Mood {
        match self.always {
            Some(Mood::Passing(_)) if before > 0 && !self.for_good => return Mood::Fair,
            Some(mood) => return mood,
            None => {}
        }
        let fate = self.draw(body, u64::MAX);
        if (fate >> 32) % 1000 < self.lost {
            return Mood::Passing(Passing::QUICK[(fate >> 16) as usize % Passing::QUICK.len()]);
        }
        let lot = fate % 100;
        if lot < self.lasting {
            return Mood::Lasting(Lasting::ALL[(fate >> 16) as usize % Lasting::ALL.len()]);
        }
        if lot < self.lasting + self.passing {
            // Most pass at once; none outlasts all attempts of a run, or its task would be rejected.
            let times = if (fate >> 16) % 10 < 7 { 1 } else { 2 };
            if before < times || self.for_good {
                let drawn = self.draw(body, before as u64) as usize;
                return Mood::Passing(Passing::DRAWN[drawn % Passing::DRAWN.len()]);
            }
        }
        Mood::Fair
    }

    fn draw(&self, body: &[u8], salt: u64) -> u64 {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.seed.to_le_bytes()).update(&salt.to_le_bytes()).update(body);
        u64::from_le_bytes(hasher.finalize().as_bytes()[..8].try_into().expect("eight bytes"))
    }
}

/// Changes a good reply into what the server says instead: the body, its status and its type.
pub fn said(fault: Lasting, mut good: Value) -> (u16, &'static str, Vec<u8>) {
    const JSON: &str = "application/json";
    let message = good.pointer_mut("/choices/0/message").expect("a good reply has one");
    let mut kind = JSON;
    match fault {
        Lasting::WrongType => kind = "text/html; charset=latin-1",
        Lasting::NoChoices => good["choices"] = json!([]),
        Lasting::NoMessage => good["choices"] = json!([{"index": 0, "finish_reason": "stop"}]),
        Lasting::NullContent => *message = json!({"role": "assistant", "content": null}),
        Lasting::ErrorObject => {
            good = json!({"error": {"message": "the model overthought it", "type": "invalid_request_error"}});
        }
        Lasting::Rejected => {
            let body = json!({"error": {"message": "this prompt is not to my taste", "code": null}});
            return (400, JSON, body.to_string().into_bytes());
        }
        Lasting::Refusal => {
            *message = json!({"role": "assistant", "content": null, "refusal": "I can't help with that."});
        }
        Lasting::Filtered => {
            *message = json!({"role": "assistant", "content": ""});
            good["choices"][0]["finish_reason"] = json!("content_filter");
        }
        Lasting::CutAtLength => {
            *message = json!({"role": "assistant", "content": "{\"instruction\": \"Would you be so k"});
            good["choices"][0]["finish_reason"] = json!("length");
        }
        Lasting::BadArguments => each_call(message, |call| {
            call["function"]["arguments"] = json!("{\"limit\": 'ten',");
        }),
        Lasting::UnknownTool => each_call(message, |call| call["function"]["name"] = json!("no_such_tool")),
        Lasting::SameIds => {
            if let Some(Value::Array(calls)) = message.get_mut("tool_calls") {
                calls.extend(calls.clone());
            }
        }
        Lasting::NoUsage => drop(good.as_object_mut().expect("an object").remove("usage")),
        Lasting::Huge => message["content"] = json!("so much to say ".repeat(5 << 16)),
        Lasting::Dribbles => {}
    }
    (200, kind, good.to_string().into_bytes())
}

fn each_call(message: &mut Value, change: impl Fn(&mut Value)) {
    if let Some(Value::Array(calls)) = message.get_mut("tool_calls") {
        calls.iter_mut().for_each(change);
    }
}
