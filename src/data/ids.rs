//! Identifiers as newtypes, so that a task's id is never taken for a tool's.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps a string that is known to be such an id.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// Returns the id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

id!(
    /// One operation of one API: `provider/api/operation`.
    ToolId
);
id!(
    /// One API: `provider/api`.
    ApiId
);
id!(
    /// The name a model calls a tool by: `^[a-z][a-z0-9_]{0,63}$`, led by the API's name.
    FunctionName
);
id!(
    /// A task, by the hash of its content.
    TaskId
);
