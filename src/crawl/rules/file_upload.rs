//! Rule `file_upload`: a model writes text; it has no file whose bytes it could send.

use super::Case;
use crate::data::BodyEncoding;

/// What the rule drops.
pub const DROPS: &str = "what needs a file's bytes";

/// Returns why an operation is dropped.
pub fn check(case: &Case<'_>) -> Option<String> {
    if let Some(file) = &case.inputs.file {
        return Some(format!("`{file}` is a file's bytes, which no model can give"));
    }
    let bytes = case.inputs.encoding == Some(BodyEncoding::Binary);
    bytes.then(|| "its body is bytes, which no model can give".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::testing::sample;
    use super::*;
    use crate::data::Method::Post;

    #[test]
    fn bodies_of_bytes_go() {
        let mut upload = sample(Post, "/pets/{id}/image", "");
        assert!(!upload.drops(check));
        upload.inputs.encoding = Some(BodyEncoding::Binary);
        assert!(upload.drops(check));
    }
}
