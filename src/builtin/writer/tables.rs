//! The embedded tables: labels (how people speak of fields), frames (how people ask) and stories (why they ask).

use std::collections::BTreeMap;
use std::sync::OnceLock;

/// How people speak of one field.
#[derive(Debug, Default)]
pub struct Label {
    /// Direct questions.
    pub question: Vec<&'static str>,
    /// Embedded questions.
    pub embedded: Vec<&'static str>,
    /// Noun phrases.
    pub noun: Vec<&'static str>,
    /// Modifiers of a new record.
    pub modifier: Vec<&'static str>,
    /// Imperatives that set it.
    pub set: Vec<&'static str>,
    /// Statements that it should be so.
    pub should: Vec<&'static str>,
    /// Traits that follow a noun.
    pub after: Vec<&'static str>,
    /// Traits that precede a noun.
    pub before: Vec<&'static str>,
}

/// The labels by every one of their names.
pub struct Labels {
    blocks: Vec<Label>,
    names: BTreeMap<&'static str, usize>,
    flags: BTreeMap<&'static str, usize>,
}

impl Labels {
    /// Returns the entry of a label in plain words.
    pub fn find(&self, label: &str) -> Option<&Label> {
        let plain = label.trim().to_lowercase().replace('_', " ");
        self.names.get(plain.as_str()).map(|at| &self.blocks[*at])
    }

    /// Returns the entry of a yes-or-no label.
    pub fn flag(&self, label: &str) -> Option<&Label> {
        let plain = label.trim().to_lowercase().replace('_', " ");
        self.flags.get(plain.as_str()).map(|at| &self.blocks[*at])
    }

    /// Tells whether a label is one of the names of a group.
    pub fn is(&self, label: &str, group: &str) -> bool {
        match (self.find(label), self.find(group)) {
            (Some(one), Some(other)) => std::ptr::eq(one, other),
            _ => false,
        }
    }
}

/// Returns the label table.
pub fn labels() -> &'static Labels {
    static LABELS: OnceLock<Labels> = OnceLock::new();
    LABELS.get_or_init(|| read_labels(include_str!("labels.txt")))
}

fn read_labels(text: &'static str) -> Labels {
    let mut blocks: Vec<Label> = Vec::new();
    let (mut names, mut flags) = (BTreeMap::new(), BTreeMap::new());
    for line in text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        if let Some(list) = line.strip_prefix("= ") {
            let (list, into) = match list.strip_prefix("? ") {
                Some(list) => (list, &mut flags),
                None => (list, &mut names),
            };
            for name in list.split(';') {
                into.entry(name.trim()).or_insert(blocks.len());
            }
            blocks.push(Label::default());
        } else if let (Some((part, choices)), Some(block)) = (line.split_once(": "), blocks.last_mut()) {
            let into = match part {
                "q" => &mut block.question,
                "e" => &mut block.embedded,
                "n" => &mut block.noun,
                "m" => &mut block.modifier,
                "s" => &mut block.set,
                "y" => &mut block.should,
                "t" => &mut block.after,
                "p" => &mut block.before,
                _ => continue,
            };
            into.extend(choices.split(" // ").map(str::trim).filter(|c| !c.is_empty()));
        }
    }
    Labels { blocks, names, flags }
}

/// Lines by section name.
pub struct Lines(BTreeMap<&'static str, Vec<&'static str>>);

impl Lines {
    fn read(text: &'static str) -> Self {
        let mut sections: BTreeMap<&'static str, Vec<&'static str>> = BTreeMap::new();
        let mut current: Vec<&'static str> = Vec::new();
        for line in text.lines().map(str::trim_end).filter(|l| !l.is_empty() && !l.starts_with('#')) {
            if let Some(names) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                current = names.split(',').map(str::trim).collect();
            } else {
                for name in &current {
                    sections.entry(name).or_default().push(line);
                }
            }
        }
        Self(sections)
    }

    /// Returns a section's lines; none where the section is missing.
    pub fn get(&self, section: &str) -> &[&'static str] {
        self.0.get(section).map_or(&[], Vec::as_slice)
    }

    /// Returns the sections' names.
    #[cfg(test)]
    pub fn sections(&self) -> impl Iterator<Item = (&&'static str, &Vec<&'static str>)> {
        self.0.iter()
    }
}

/// Returns the frames: how a want is put, by kind and register.
pub fn frames() -> &'static Lines {
    static FRAMES: OnceLock<Lines> = OnceLock::new();
    FRAMES.get_or_init(|| Lines::read(include_str!("frames.txt")))
}

/// Returns the stories: situations, by domain or persona and mode.
pub fn stories() -> &'static Lines {
    static STORIES: OnceLock<Lines> = OnceLock::new();
    STORIES.get_or_init(|| Lines::read(include_str!("stories.txt")))
}
