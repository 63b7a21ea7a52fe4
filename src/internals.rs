//! The inner modules, for the project's own tests and benchmarks alone: no promise holds for them.

macro_rules! open {
    ($($module:ident),* $(,)?) => {
        $(
            #[doc = concat!("What `", stringify!($module), "` shows the rest of the crate.")]
            pub mod $module {
                pub use crate::$module::*;
            }
        )*
    };
}

open!(
    words,
    journal,
    net,
    prompt,
    graph,
    checks,
    report,
    world,
    llm,
    environment,
    builtin,
    crawl,
    instruct,
    search,
    filter
);

/// What `shard` shows the rest of the crate.
pub mod shard {
    pub use crate::shard::splits::Splits;
    pub use crate::shard::writer::{Batch, Facts, Writer};
}
