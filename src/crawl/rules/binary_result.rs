//! Rule `binary_result`: pictures, archives and documents are no answer that a model can read.

use super::Case;
use crate::crawl::prose::words;
use crate::data::Method;

/// What the rule drops.
pub const DROPS: &str = "downloads: results that are pictures, archives, documents or other bytes";

const PICTURES: [&str; 8] =
    ["image", "icon", "icons", "favicon", "avatar", "qr code", "thumbnail", "screenshot"];
const FILES: [&str; 7] =
    ["yaml file", "as a file", "file content", "file for download", "csv file", "pdf", "zip file"];

/// Parts of media types that are text all the same.
const READABLE: [&str; 12] = [
    "html",
    "javascript",
    "csv",
    "graphql",
    "markdown",
    "sparql",
    "turtle",
    "triples",
    "plain",
    "gpx",
    "toml",
    "sql",
];

/// Returns why an operation is dropped.
pub fn check(case: &Case<'_>) -> Option<String> {
    let readable = |m: &str| {
        m.contains("json")
            || m.starts_with("text/")
            || m.contains("xml")
            || m == "*/*"
            || m.contains("yaml")
            || m.contains("form")
            || READABLE.iter().any(|word| m.contains(word))
    };
    let all = &case.outputs.media_all;
    if !all.is_empty() && !all.iter().any(|m| readable(m)) {
        return Some(format!("its result is {}", all.join(", ")));
    }
    let text = case.description.to_lowercase();
    let silent = case.outputs.result.is_none()
        && all.is_empty()
        && case.method == Method::Get
        && case.outputs.success != 204;
    if silent && case.outputs.statuses.iter().any(|s| (200..300).contains(s)) {
        if let Some(word) = PICTURES.iter().find(|w| is_got(case, &text, w)) {
            return Some(format!("its result is a picture ({word})"));
        }
        if let Some(word) = FILES.iter().find(|w| text.contains(**w) && is_got(case, &text, w)) {
            return Some(format!("its result is a file ({word})"));
        }
    }
    None
}

/// Tells whether a thing is what an operation gets, and not only something that its description speaks of: the path ends in
/// it, or the first words say so.
fn is_got(case: &Case<'_>, text: &str, thing: &str) -> bool {
    let last = case.path.rsplit('/').find(|s| !s.is_empty() && !s.contains('{')).unwrap_or_default();
    let flat = |words: &[String]| format!(" {} ", words.join(" "));
    let thing = format!(" {thing} ");
    let ends = flat(&words(last));
    if ends.ends_with(&thing) {
        return true;
    }
    let first: Vec<String> = words(text).into_iter().take(25).collect();
    let gets = [
        "get",
        "gets",
        "returns",
        "return",
        "download",
        "downloads",
        "retrieve",
        "retrieves",
        "fetch",
        "export",
    ];
    first.first().is_some_and(|verb| gets.contains(&verb.as_str())) && flat(&first).contains(&thing)
}

#[cfg(test)]
mod tests {
    use super::super::testing::sample;
    use super::*;
    use crate::data::Method::Get;

    #[test]
    fn what_no_one_can_read_goes() {
        let mut report = sample(Get, "/report", "Gets a report.");
        assert!(!report.drops(check));
        report.outputs.media_all = vec!["application/pdf".to_owned()];
        assert!(report.drops(check));
        let mut icon = sample(Get, "/icon", "Gets the icon of a country.");
        assert!(!icon.drops(check), "its result is declared as JSON");
        icon.outputs.media_all.clear();
        icon.outputs.result = None;
        assert!(icon.drops(check));
        let mut task = sample(Get, "/#Action=CancelImport", "Cancels the import of a disk image.");
        task.outputs.media_all.clear();
        task.outputs.result = None;
        assert!(!task.drops(check), "it only speaks of an image");
    }
}
