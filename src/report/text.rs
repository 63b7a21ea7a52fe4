//! Laying text out in a fixed width.

/// The width that everything is laid out in.
pub(super) const WIDTH: usize = 100;

/// Wraps text at spaces, keeping its own line breaks, and indents every line. A word longer than a line stands whole.
pub fn wrap(text: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let mut out = String::new();
    for paragraph in text.trim_end().split('\n') {
        let mut line = String::new();
        let mut width = 0;
        for (i, word) in paragraph.split(' ').enumerate() {
            let length = word.chars().count();
            if width > 0 && indent + width + 1 + length > WIDTH {
                push_line(&mut out, &pad, &line);
                line.clear();
                width = 0;
            } else if i > 0 {
                // An empty word before the first is the paragraph's own indentation.
                line.push(' ');
                width += 1;
            }
            line.push_str(word);
            width += length;
        }
        push_line(&mut out, &pad, &line);
    }
    out
}

fn push_line(out: &mut String, pad: &str, line: &str) {
    let line = line.trim_end();
    if !line.is_empty() {
        out.push_str(pad);
        out.push_str(line);
    }
    out.push('\n');
}

/// Indents lines as they are, and says how many were left out past `most`.
pub(super) fn indent(text: &str, indent: usize, most: usize) -> String {
    let pad = " ".repeat(indent);
    let lines: Vec<&str> = text.lines().collect();
    let mut out = String::new();
    for line in lines.iter().take(most) {
        push_line(&mut out, &pad, line);
    }
    if lines.len() > most {
        push_line(&mut out, &pad, &format!("… {} more lines", lines.len() - most));
    }
    out
}

/// Cuts text after `most` characters, with an ellipsis.
pub(super) fn shorten(text: &str, most: usize) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.chars().count() <= most {
        return flat;
    }
    let mut cut: String = flat.chars().take(most.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

/// Writes rows of cells as aligned columns; the columns named in `right` are aligned right.
pub(super) fn columns(rows: &[Vec<String>], right: &[usize], indent: usize) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |c: usize| rows.iter().filter_map(|r| r.get(c)).map(|s| s.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (c, cell) in row.iter().enumerate() {
            let space = " ".repeat(widths[c] - cell.chars().count());
            if c > 0 {
                line.push_str("  ");
            }
            if right.contains(&c) {
                line.push_str(&space);
                line.push_str(cell);
            } else {
                line.push_str(cell);
                line.push_str(&space);
            }
        }
        push_line(&mut out, &" ".repeat(indent), &line);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_lines_keep_within_the_width_and_lose_no_word() {
        let text = "one two three four five six seven ".repeat(20);
        let wrapped = wrap(&text, 4);
        assert!(wrapped.lines().all(|l| l.chars().count() <= WIDTH && l.starts_with("    ")));
        assert_eq!(
            wrapped.split_whitespace().collect::<Vec<_>>(),
            text.split_whitespace().collect::<Vec<_>>()
        );
        assert_eq!(wrap("a\n\n  b", 2), "  a\n\n    b\n");
    }

    #[test]
    fn shortening_counts_characters_not_bytes() {
        assert_eq!(shorten("éééé", 4), "éééé");
        assert_eq!(shorten("ééééé", 4), "ééé…");
    }
}
