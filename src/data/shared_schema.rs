//! A JSON schema that many tools share.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::ops::Deref;
use std::sync::Arc;

/// A JSON schema that is cheap to clone: operations of one API return the same records and fail in the same shapes, and a
/// copy for each would be most of a catalog's memory.
#[derive(Clone, Debug, PartialEq)]
pub struct SharedSchema(Arc<Value>);

impl From<Value> for SharedSchema {
    fn from(schema: Value) -> Self {
        Self(Arc::new(schema))
    }
}

impl Deref for SharedSchema {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.0
    }
}

impl Serialize for SharedSchema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for SharedSchema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::from)
    }
}
