//! Rule `category_not_selected`: only operations of the categories and collections that the plan takes.

use super::choice;
use crate::config::plan::Curation;
use crate::crawl::prose::words;
use crate::data::Tool;

/// What the rule drops.
pub const DROPS: &str = "operations of categories and collections that `crawl.categories` does not take";

/// Returns why a tool is dropped.
pub fn check(tool: &Tool, curation: &Curation) -> Option<String> {
    let choice = &curation.categories;
    if choice.only.is_empty() && choice.exclude.is_empty() {
        return None;
    }
    let own = [plain(&tool.category), plain(&tool.collection)];
    let matches = |pattern: &String| {
        let pattern = plain(pattern);
        own.iter().any(|name| choice::glob(&pattern, name))
    };
    choice::refuses(choice, matches)
        .map(|why| format!("its category is {}, its collection {}, {why}", tool.category, tool.collection))
}

/// Makes a name the same however it is written: `Open Data`, `open_data`.
fn plain(name: &str) -> String {
    if name.is_ascii() && !name.contains('*') {
        let all = words(name);
        if !all.is_empty() {
            return all.join(" ");
        }
    }
    name.trim().to_lowercase().replace(['_', '-'], " ")
}

#[cfg(test)]
mod tests {
    use super::super::testing::tool;
    use super::*;
    use crate::config::plan::Choice;
    use crate::data::Method::Get;

    #[test]
    fn categories_are_chosen_by_either_name_however_written() {
        let mut pets = tool(Get, "/pets", "");
        pets.category = "Open Data".to_owned();
        pets.collection = "animals".to_owned();
        let asks = |only: &str, exclude: &str| {
            let own = |text: &str| text.split(' ').filter(|t| !t.is_empty()).map(str::to_owned).collect();
            let categories = Choice { only: own(only), exclude: own(exclude) };
            check(&pets, &Curation { categories, ..Curation::default() }).is_some()
        };
        assert!(!asks("open_data", ""));
        assert!(!asks("Animals", ""));
        assert!(!asks("anim*", ""));
        assert!(asks("finance", ""));
        assert!(asks("", "OpenData"));
    }
}
