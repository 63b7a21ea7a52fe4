//! The handle on tools: where calls run.
