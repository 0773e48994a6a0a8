//! Patterns for names that others give.

use std::str::FromStr;

use thiserror::Error;

/// A name in which `*` stands for any characters but `:` and `/`, and `**` for any at all. It fits the whole name or not at all,
/// so that `repo:acme/*:ref:refs/heads/main` lets in no repository that somebody calls `x:ref:refs/heads/main`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Exactly(char),
    WithinSegment,
    Anything,
}

/// A pattern that cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PatternError {
    /// It is empty or too long.
    #[error("a pattern has 1 to 512 characters")]
    Length,
    /// It would let anybody in.
    #[error("a pattern of nothing but * lets everybody in; say whom")]
    Everybody,
}

impl Pattern {
    /// Whether the pattern fits `name`.
    pub fn fits(&self, name: &str) -> bool {
        // Which lengths of the pattern fit what was read so far.
        let mut reached = self.without_reading(vec![true]);
        for character in name.chars() {
            let mut next = vec![false; self.parts.len() + 1];
            for (place, part) in self.parts.iter().enumerate() {
                if !reached.get(place).copied().unwrap_or(false) {
                    continue;
                }
                let stays = match part {
                    Part::Exactly(wanted) => {
                        if *wanted == character {
                            set(&mut next, place + 1);
                        }
                        false
                    }
                    Part::WithinSegment => character != ':' && character != '/',
                    Part::Anything => true,
                };
                if stays {
                    set(&mut next, place);
                }
            }
            reached = self.without_reading(next);
        }
        reached.get(self.parts.len()).copied().unwrap_or(false)
    }

    /// Goes on where a star stands for nothing.
    fn without_reading(&self, mut reached: Vec<bool>) -> Vec<bool> {
        reached.resize(self.parts.len() + 1, false);
        for (place, part) in self.parts.iter().enumerate() {
            let star = !matches!(part, Part::Exactly(_));
            if star && reached.get(place).copied().unwrap_or(false) {
                set(&mut reached, place + 1);
            }
        }
        reached
    }
}

fn set(reached: &mut [bool], place: usize) {
    if let Some(slot) = reached.get_mut(place) {
        *slot = true;
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        if text.is_empty() || text.chars().count() > 512 {
            return Err(PatternError::Length);
        }
        if text.chars().all(|c| c == '*') {
            return Err(PatternError::Everybody);
        }
        let mut parts = Vec::new();
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            parts.push(match character {
                '*' if characters.next_if_eq(&'*').is_some() => Part::Anything,
                '*' => Part::WithinSegment,
                other => Part::Exactly(other),
            });
        }
        Ok(Self { parts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, name: &str) -> bool {
        pattern.parse::<Pattern>().unwrap().fits(name)
    }

    #[test]
    fn a_pattern_that_lets_everybody_in_is_none() {
        for text in ["*", "**", "***"] {
            assert_eq!(text.parse::<Pattern>(), Err(PatternError::Everybody));
        }
        for text in [String::new(), "x".repeat(513)] {
            assert_eq!(text.parse::<Pattern>(), Err(PatternError::Length));
        }
    }

    #[test]
    fn a_pattern_fits_the_whole_name_or_not_at_all() {
        for (pattern, name) in [
            ("repo:acme/web", "repo:acme/web2"),
            ("repo:acme/web", "xrepo:acme/web"),
            ("repo:acme/web", "repo:acme/we"),
            ("repo:acme/web", "Repo:acme/web"),
            ("repo:acme/*", "repo:acme"),
            (
                "repo:acme/*:ref:refs/heads/main",
                "repo:acme/web:ref:refs/heads/dev",
            ),
        ] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn a_star_does_not_leave_its_segment() {
        let pattern = "repo:acme/*:ref:refs/heads/main";
        assert!(fits(pattern, "repo:acme/web:ref:refs/heads/main"));
        assert!(!fits(pattern, "repo:acme/x:pull_request:ref:refs/heads/main"));
        assert!(!fits(pattern, "repo:acme/x/y:ref:refs/heads/main"));
        assert!(!fits(
            "system:serviceaccount:prod:*",
            "system:serviceaccount:prod:a:b"
        ));
        assert!(fits(
            "system:serviceaccount:prod:*",
            "system:serviceaccount:prod:agent"
        ));
    }

    #[test]
    fn two_stars_do() {
        assert!(fits(
            "spiffe://example.org/**",
            "spiffe://example.org/ns/prod/sa/agent"
        ));
        assert!(fits("spiffe://example.org/**", "spiffe://example.org/"));
        assert!(!fits(
            "spiffe://example.org/**",
            "spiffe://example.org.evil.test/ns"
        ));
    }

    #[test]
    fn many_stars_take_no_long_time() {
        let pattern = "*a".repeat(200);
        assert!(!fits(&pattern, &"a".repeat(5000).replace("aaaaa", "aaaab")) || pattern.len() == 400);
    }
}
