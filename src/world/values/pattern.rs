//! Text that matches a simple regular expression: literals, classes, groups, alternatives and counts.

use super::dice::Dice;
use rand_chacha::ChaCha8Rng;

/// A parsed pattern.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Pattern {
    Chars(Vec<(char, char)>),
    Sequence(Vec<Pattern>),
    Either(Vec<Pattern>),
    Repeat(Box<Pattern>, u32, u32),
}

impl Pattern {
    /// Parses a pattern; `None` where it uses what is not known here (look-around, back-references, classes of Unicode).
    pub fn parse(text: &str) -> Option<Self> {
        let chars: Vec<char> = text.chars().collect();
        let mut parser = Parser { chars: &chars, at: 0 };
        let pattern = parser.either()?;
        (parser.at == chars.len()).then_some(pattern)
    }

    /// Draws a text that matches.
    pub fn draw(&self, rng: &mut ChaCha8Rng) -> String {
        let mut out = String::new();
        self.write(rng, &mut out);
        out
    }

    fn write(&self, rng: &mut ChaCha8Rng, out: &mut String) {
        match self {
            Self::Chars(ranges) => {
                let (low, high) = ranges[rng.below(ranges.len())];
                let code = rng.between(i64::from(low as u32), i64::from(high as u32));
                out.push(char::from_u32(code as u32).unwrap_or(low));
            }
            Self::Sequence(parts) => parts.iter().for_each(|p| p.write(rng, out)),
            Self::Either(parts) => parts[rng.below(parts.len())].write(rng, out),
            Self::Repeat(part, low, high) => {
                for _ in 0..rng.between(i64::from(*low), i64::from(*high)) {
                    part.write(rng, out);
                }
            }
        }
    }
}

struct Parser<'a> {
    chars: &'a [char],
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn eat(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        self.at += usize::from(found);
        found
    }

    fn either(&mut self) -> Option<Pattern> {
        let mut parts = vec![self.sequence()?];
        while self.eat('|') {
            parts.push(self.sequence()?);
        }
        Some(if parts.len() == 1 { parts.remove(0) } else { Pattern::Either(parts) })
    }

    fn sequence(&mut self) -> Option<Pattern> {
        let mut parts = Vec::new();
        while let Some(c) = self.peek() {
            if c == '|' || c == ')' {
                break;
            }
            self.at += 1;
            if c == '^' || c == '$' {
                continue;
            }
            let atom = self.atom(c)?;
            parts.push(self.counted(atom)?);
        }
        Some(Pattern::Sequence(parts))
    }

    fn atom(&mut self, c: char) -> Option<Pattern> {
        Some(match c {
            '(' => {
                if self.eat('?') && !self.eat(':') {
                    return None;
                }
                let inner = self.either()?;
                if !self.eat(')') {
                    return None;
                }
                inner
            }
            '[' => Pattern::Chars(self.class()?),
            '.' => Pattern::Chars(vec![('a', 'z')]),
            '\\' => Pattern::Chars(escape(self.next()?)?),
            '*' | '+' | '?' | '{' => return None,
            literal => Pattern::Chars(vec![(literal, literal)]),
        })
    }

    fn class(&mut self) -> Option<Vec<(char, char)>> {
        if self.peek() == Some('^') {
            return None;
        }
        let mut ranges = Vec::new();
        loop {
            let c = self.next()?;
            if c == ']' && !ranges.is_empty() {
                return Some(ranges);
            }
            if c == '\\' {
                ranges.extend(escape(self.next()?)?);
                continue;
            }
            let is_range = self.peek() == Some('-') && self.chars.get(self.at + 1).is_some_and(|n| *n != ']');
            if is_range {
                self.at += 1;
                let high = self.next()?;
                if high == '\\' || high < c {
                    return None;
                }
                ranges.push((c, high));
            } else {
                ranges.push((c, c));
            }
        }
    }

    fn counted(&mut self, atom: Pattern) -> Option<Pattern> {
        let (low, high) = match self.peek() {
            Some('*') => (0, 6),
            Some('+') => (1, 8),
            Some('?') => (0, 1),
            Some('{') => {
                self.at += 1;
                let counts = self.braces()?;
                self.eat('?');
                return Some(Pattern::Repeat(Box::new(atom), counts.0, counts.1));
            }
            _ => return Some(atom),
        };
        self.at += 1;
        self.eat('?');
        Some(Pattern::Repeat(Box::new(atom), low, high))
    }

    fn braces(&mut self) -> Option<(u32, u32)> {
        let from = self.at;
        while self.next()? != '}' {}
        let text: String = self.chars[from..self.at - 1].iter().collect();
        let Some((low, high)) = text.split_once(',') else {
            let n = text.parse().ok()?;
            return (n <= 256).then_some((n, n));
        };
        let low: u32 = low.parse().ok()?;
        let high: u32 = if high.is_empty() { low + 8 } else { high.parse().ok()? };
        // Nobody writes as much as a limit allows.
        (low <= 256 && low <= high).then_some((low, high.min(low + 12)))
    }
}

fn escape(c: char) -> Option<Vec<(char, char)>> {
    Some(match c {
        'd' => vec![('0', '9')],
        'w' => vec![('a', 'z'), ('0', '9')],
        's' => vec![(' ', ' ')],
        'b' | 'B' | 'D' | 'W' | 'S' | 'p' | 'P' | 'u' | 'x' | '1'..='9' | 'k' => return None,
        'n' => vec![('\n', '\n')],
        't' => vec![('\t', '\t')],
        other => vec![(other, other)],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn drawn_texts_match_their_patterns() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for text in [
            r"^[A-Z]{2}\d{4,6}$",
            r"^(open|closed)-[a-f0-9]{8}$",
            r"https+",
            r"^[a-z0-9_\-.]+@[a-z]+\.(com|org)$",
            r"^\+?[1-9]\d{1,14}$",
            r"^\d{4}-\d{2}-\d{2}$",
            r"^(?:[a-z]{3}\s?)+$",
            r"^[\w.-]{1,64}$",
        ] {
            let pattern = Pattern::parse(text).expect(text);
            let regex = regex::Regex::new(text).unwrap();
            for _ in 0..50 {
                let drawn = pattern.draw(&mut rng);
                assert!(regex.is_match(&drawn), "{text} does not match {drawn:?}");
            }
        }
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for text in [r"^(?=.*\d).+$", r"[^a-z]+", r"\p{L}+", r"(a)\1"] {
            assert!(Pattern::parse(text).is_none(), "{text}");
        }
    }
}
