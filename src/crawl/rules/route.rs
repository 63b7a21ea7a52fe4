//! Paths as the rules read them: which parts only say the version.

/// Words of a segment that mark what is not final.
const STAGES: [&str; 6] = ["alpha", "beta", "preview", "rc", "dev", "p"];

/// Tells whether a segment of a path only says a version: `v1`, `v1.0`, `V2beta1`, `2015-03-31`, `1.0`. A bare number may be an
/// item, and is none.
pub fn is_version(segment: &str) -> bool {
    let lower = segment.to_ascii_lowercase();
    let bare = lower.strip_prefix("version").or_else(|| lower.strip_prefix('v'));
    let body = bare.unwrap_or(&lower);
    let mut number = body;
    for stage in STAGES {
        // `1beta2`, `1-preview`, `1.0-rc1`
        if let Some((before, after)) = body.split_once(stage)
            && after.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        {
            number = before.trim_end_matches(['-', '_', '.']);
            break;
        }
    }
    let parts: Vec<&str> = number.split(['.', '-', '_']).collect();
    let digits = parts.iter().all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()));
    if !digits {
        return false;
    }
    let year = |t: &str| t.len() == 4 && (t.starts_with("19") || t.starts_with("20"));
    let date = parts.len() == 3 && year(parts[0]) && parts[1].len() <= 2;
    let plain_date = parts.len() == 1 && parts[0].len() == 8 && year(&parts[0][..4]);
    bare.is_some() || date || plain_date || number.contains('.') && parts.iter().all(|p| p.len() <= 3)
}

/// Returns the literal and variable segments of a path without its version, and without what all paths of an API begin
/// with: `/api/v2/Pets/{petId}.json` is `pets`, `{}`.
pub fn shape(path: &str) -> Vec<String> {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut out: Vec<String> = Vec::new();
    for segment in path.split('/').filter(|s| !s.is_empty()) {
        let base = out.is_empty()
            && (matches!(segment, "api" | "apis" | "rest")
                || segment.len() <= 3 && segment.bytes().all(|b| b.is_ascii_digit()));
        if base || is_version(segment) {
            continue;
        }
        out.push(blank(segment));
    }
    if let Some(last) = out.last_mut()
        && let Some(bare) = last.strip_suffix(".json").filter(|b| !b.is_empty())
    {
        *last = bare.to_owned();
    }
    // `/current?station={station}` and `/current?lat={lat}` are two operations
    if !query.is_empty() {
        out.push(query.to_lowercase());
    }
    out
}

/// Makes a segment the same whatever its variables are called and however it is capitalised.
fn blank(segment: &str) -> String {
    let mut out = String::with_capacity(segment.len());
    let mut inside = false;
    for c in segment.chars() {
        match c {
            '{' => {
                inside = true;
                out.push_str("{}");
            }
            '}' => inside = false,
            c if !inside => out.extend(c.to_lowercase()),
            _ => {}
        }
    }
    out
}

/// Returns how far a version is from final (3 is final, 0 is alpha) and its numbers: `2.10-beta3` is 1 and `[2, 10, 3]`.
pub fn version(text: &str) -> (u8, Vec<u64>) {
    let lower = text.to_ascii_lowercase();
    let has = |stages: &[&str]| stages.iter().any(|stage| lower.contains(stage));
    let stage = if has(&["alpha", "draft", "snapshot", "-dev"]) {
        0
    } else if has(&["beta", "preview"]) {
        1
    } else if has(&["-rc", ".rc"]) {
        2
    } else {
        3
    };
    let numbers = lower.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
    (stage, numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_told_from_things() {
        for segment in [
            "v1",
            "V2",
            "v1.0",
            "v1beta1",
            "v2-preview",
            "2015-03-31",
            "20150331",
            "1.0",
            "2.1.3",
            "version1",
        ] {
            assert!(is_version(segment), "{segment}");
        }
        for segment in ["vendors", "v", "1", "2024", "video1", "3d", "{v1}", "users", "1.e", "mp3", "v1x"] {
            assert!(!is_version(segment), "{segment}");
        }
    }

    #[test]
    fn paths_of_two_versions_have_one_shape() {
        assert_eq!(shape("/api/v2/Pets/{petId}.json"), ["pets", "{}"]);
        assert_eq!(shape("/v1/pets/{id}/"), ["pets", "{}"]);
        assert_eq!(shape("/2020-05-31/distribution"), shape("/2014-10-21/distribution"));
        assert_ne!(shape("/now?at={at}"), shape("/now?in={in}"));
        assert_ne!(shape("/pets/{id}/toys"), shape("/pets/{id}/food"));
    }

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        assert!(version("2.10").1 > version("2.9.1").1);
        assert!(version("2019-11-01").1 > version("2018-12-31").1);
        assert_eq!((version("2020-01-01-preview").0, version("v3").0), (1, 3));
        assert!(version("v1alpha1").0 < version("v1beta1").0);
    }
}
