//! The category and the collection of every API: what directories say, mapped to the list, else the category whose words are
//! nearest to the API's own.

use crate::crawl::file::Crawled;
use crate::crawl::values::About;
use crate::data::{CATEGORIES, OTHER, Tool};
use crate::words;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

/// Most operations whose words are read.
const OPERATIONS_MAX: usize = 200;
/// Longest text that is read of a description, in bytes.
const TEXT_MAX: usize = 2000;
/// What a text's score must reach for its category to be taken.
const FLOOR: f64 = 0.035;
/// What a category that the directory names is ahead, where it names several.
const FILED_AHEAD: f64 = 1.5;
/// Operations from which an API's tags are collections of their own.
const BIG: usize = 100;

/// A provider that is none: a directory of everybody's APIs, whose shelves are the collections.
const DIRECTORY: &str = "rapidapi.com";

/// Gives all tools of one API, kept and dropped, its category and their collections.
pub fn assign(about: &About, provider: &str, crawled: &mut Crawled) {
    let category = {
        let tools = crawled.tools.iter().chain(crawled.dropped.iter().filter_map(|d| d.tool.as_deref()));
        of(about, tools)
    };
    let count = crawled.tools.len() + crawled.dropped.len();
    let own = |tool: &mut Tool| {
        // until here the field holds the operation's tag
        let tag = std::mem::replace(&mut tool.category, category.to_owned());
        tool.collection = match provider {
            "local" => tool.api.as_str().rsplit('/').next().unwrap_or_default().to_owned(),
            DIRECTORY => {
                let shelf = about.filed.first().map_or("other", String::as_str);
                format!("{DIRECTORY}/{}", words::split(shelf).join(" "))
            }
            _ => provider.to_owned(),
        };
        if count >= BIG && !tag.is_empty() && tag != about.title {
            tool.collection = format!("{}/{}", tool.collection, words::split(&tag).join(" "));
        }
    };
    crawled.tools.iter_mut().for_each(own);
    crawled.dropped.iter_mut().filter_map(|d| d.tool.as_deref_mut()).for_each(own);
}

/// Returns the category of an API.
pub fn of<'a>(about: &About, tools: impl Iterator<Item = &'a Tool> + Clone) -> &'static str {
    let filed: Vec<&'static str> = about.filed.iter().filter_map(|name| mapped(name)).collect();
    if let [only] = filed.as_slice()
        && about.filed.len() == 1
        && !VAGUE.contains(only)
    {
        return only;
    }
    let mut best = (FLOOR, filed.first().copied().unwrap_or(OTHER));
    for (name, score) in scores(about, tools) {
        let score = if filed.contains(&name) { score * FILED_AHEAD } else { score };
        if score > best.0 {
            best = (score, name);
        }
    }
    best.1
}

/// Categories that say how an API is, not what it is about: where a directory names one, the text may know better.
const VAGUE: &[&str] = &["data", "tools", OTHER];

/// Returns the category of the list that a directory's name means.
fn mapped(name: &str) -> Option<&'static str> {
    let name = words::split(name).join(" ");
    // RapidAPI's and APIs.guru's names where they are not ours
    let ours = match name.as_str() {
        "financial" => "finance",
        "video images" | "photo" | "video" => "media",
        "news media" => "news",
        "health and fitness" | "health fitness" => "health",
        "artificial intelligence machine learning" | "machine learning" | "machine learning ai" => {
            "artificial_intelligence"
        }
        "cryptography" => "cryptocurrency",
        "e commerce" | "commerce" => "ecommerce",
        "open data" => "data",
        "analytics" => "data",
        "backend" | "hosting" => "cloud",
        "collaboration" | "project management" | "forms" | "support" | "enterprise" => "business_software",
        "customer relation" => "business",
        "iot" => "devices",
        "marketing" => "advertising",
        "messaging" | "telecom" => "communication",
        "payment" => "payments",
        "security" => "cybersecurity",
        "text" => "text_analysis",
        "transport" => "transportation",
        _ => "",
    };
    let wanted = if ours.is_empty() { name.replace(' ', "_") } else { ours.to_owned() };
    let plain = wanted.replace('_', "");
    CATEGORIES.iter().map(|c| c.name).find(|c| *c == wanted || c.replace('_', "") == plain)
}

/// Stems that APIs of all kinds use: they say little.
const GENERIC: &[&str] = &[
    "search", "text", "number", "code", "check", "status", "match", "index", "test", "version", "sourc",
    "target", "state", "queri", "result", "tabl", "report", "record", "show", "stori", "feed", "form",
    "format", "key", "messag", "imag", "servic", "member", "account", "user", "countri", "languag", "schema",
    "event", "detail", "place", "list", "page", "post", "like", "board", "valid", "unit", "check", "client",
    "resourc", "collect", "document", "label", "note", "transfer", "open", "read", "write", "box", "name",
    "verif", "share", "option", "charact", "profil", "station", "point", "order", "line", "file",
];

/// The categories' words: for each stem, which categories have it and how much it says.
struct Words {
    stems: HashMap<String, Vec<(usize, f64)>>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut found: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, category) in CATEGORIES.iter().enumerate().filter(|(_, c)| !c.text.is_empty()) {
        let own = category.text.split_whitespace().chain(category.name.split('_'));
        for stem in own.map(words::stem) {
            let all = found.entry(stem).or_default();
            if !all.contains(&index) {
                all.push(index);
            }
        }
    }
    let count = CATEGORIES.len() as f64;
    let stems = found.into_iter().map(|(stem, categories)| {
        let idf = (1.0 + count / categories.len() as f64).ln();
        let weigh = |index: usize| {
            let text = CATEGORIES[index].text;
            let length = text.split_whitespace().count() as f64;
            let idf = if GENERIC.contains(&stem.as_str()) { 0.4 * idf } else { idf };
            let lead = text.split_whitespace().take(5).any(|w| words::stem(w) == stem);
            (index, idf * if lead { 1.6 } else { 1.0 } / length.sqrt())
        };
        let weighed = categories.into_iter().map(weigh).collect();
        (stem, weighed)
    });
    Words { stems: stems.collect() }
});

/// Scores every category by how much of what the API says are its words.
fn scores<'a>(
    about: &About,
    tools: impl Iterator<Item = &'a Tool> + Clone,
) -> impl Iterator<Item = (&'static str, f64)> {
    let mut counts: BTreeMap<String, f64> = BTreeMap::new();
    let mut memo: HashMap<String, String> = HashMap::new();
    let mut add = |text: &str, weight: f64| {
        for word in words::split(start(text, TEXT_MAX)) {
            if word == "api" {
                continue;
            }
            let stem = memo.entry(word).or_insert_with_key(|w| words::stem(w));
            if WORDS.stems.contains_key(stem) {
                match counts.get_mut(stem.as_str()) {
                    Some(count) => *count += weight,
                    None => drop(counts.insert(stem.clone(), weight)),
                }
            }
        }
    };
    add(&about.title, 4.0);
    add(&about.description, 1.5);
    about.tags.iter().take(60).for_each(|tag| add(tag, 1.0));
    let total = tools.clone().count();
    let step = total.div_ceil(OPERATIONS_MAX).max(1);
    let read = total.div_ceil(step).max(1) as f64;
    // many operations say no more of an API than a dozen
    let share = (12.0 / read).min(1.0);
    for tool in tools.step_by(step) {
        let name = tool.id.as_str().rsplit('/').next().unwrap_or_default();
        add(name, share);
        let text = &tool.description;
        add(start(text, 200), 0.6 * share);
    }
    let mut scores = [0.0_f64; CATEGORIES.len()];
    for (stem, count) in &counts {
        let told = count / (count + 2.0);
        for (index, weight) in &WORDS.stems[stem] {
            scores[*index] += told * weight;
        }
    }
    CATEGORIES.iter().map(|c| c.name).zip(scores)
}

/// Returns the start of a text, of at most so many bytes.
fn start(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(title: &str, description: &str, filed: &[&str]) -> About {
        About {
            title: title.to_owned(),
            description: description.to_owned(),
            filed: filed.iter().map(ToString::to_string).collect(),
            ..About::default()
        }
    }

    fn category(about: &About) -> &'static str {
        of(about, [].iter())
    }

    #[test]
    fn names_of_directories_are_mapped_to_the_list() {
        for (name, ours) in [
            ("Video_Images", "media"),
            ("eCommerce", "ecommerce"),
            ("open_data", "data"),
            ("machine_learning", "artificial_intelligence"),
            ("Health_and_Fitness", "health"),
            ("Weather", "weather"),
        ] {
            assert_eq!(mapped(name), Some(ours), "{name}");
        }
        assert_eq!(mapped("Gadgets"), None);
    }

    #[test]
    fn a_directory_that_names_one_category_is_believed() {
        assert_eq!(category(&about("Weather of the world", "Forecasts", &["telecom"])), "communication");
    }

    #[test]
    fn where_a_directory_names_several_the_text_chooses() {
        let mail = about(
            "Gmail API",
            "Lets you view and manage mailbox data like threads, messages and labels of e-mail",
            &["analytics", "media"],
        );
        assert_eq!(category(&mail), "email");
        let tube = about("YouTube Data API", "Videos, channels and playlists", &["analytics", "media"]);
        assert_eq!(category(&tube), "media");
    }

    #[test]
    fn the_nearest_text_decides_and_nothing_near_is_other() {
        assert_eq!(category(&about("Swagger Petstore", "", &[])), OTHER);
        assert_eq!(
            category(&about("Open-Meteo", "Hourly weather forecasts: temperature, wind and rain", &[])),
            "weather"
        );
        assert_eq!(
            category(&about("Football scores", "Fixtures and standings of soccer leagues", &[])),
            "sports"
        );
        assert_eq!(category(&about("XYZ", "Qwerty", &[])), OTHER);
    }
}
