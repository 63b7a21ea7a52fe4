//! Tables embedded as tab-separated text.

/// Returns a table's rows: lines that are empty or begin with `# ` say nothing, and a row that ends early has empty columns,
/// so that each has `N`.
pub fn rows<const N: usize>(text: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")).map(|line| {
        let mut row = [""; N];
        for (column, said) in row.iter_mut().zip(line.split('\t')) {
            *column = said;
        }
        row
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_every_column_and_comments_are_none() {
        let found: Vec<[&str; 3]> = rows("# code, name, more\nBE\tBelgium\n\nNL\t\tHolland\n").collect();
        assert_eq!(found, [["BE", "Belgium", ""], ["NL", "", "Holland"]]);
    }
}
