//! The operator's colour, made legible in light and in dark.

use super::Colour;

/// The light page's grounds, as `page.css` has them: the page and the card.
const LIGHT: [Colour; 2] = [Colour::rgb(0xf4, 0xf3, 0xf0), Colour::rgb(0xff, 0xff, 0xff)];
/// The dark page's grounds.
const DARK: [Colour; 2] = [Colour::rgb(0x13, 0x13, 0x15), Colour::rgb(0x1c, 0x1c, 0x1f)];
/// The contrast of text ([WCAG 2.2 §1.4.3](https://www.w3.org/TR/WCAG22/#contrast-minimum)).
const TEXT: f64 = 4.5;

/// An accent and the text that stands on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Accent {
    pub(crate) colour: Colour,
    pub(crate) ink: Colour,
}

impl Accent {
    fn of(colour: Colour) -> Self {
        Self {
            colour,
            ink: colour.ink(),
        }
    }
}

/// One accent for each scheme.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Palette {
    pub(crate) light: Accent,
    pub(crate) dark: Accent,
}

impl Palette {
    pub(crate) fn of(accent: Colour) -> Self {
        Self {
            light: Accent::of(accent.legible_on(&LIGHT, Colour::BLACK, TEXT)),
            dark: Accent::of(accent.legible_on(&DARK, Colour::WHITE, TEXT)),
        }
    }

    /// The custom properties that `page.css` speaks of.
    pub(crate) fn stylesheet(&self) -> String {
        let rule =
            |accent: &Accent| format!(":root{{--accent:{};--on-accent:{}}}", accent.colour, accent.ink);
        format!(
            "{}\n@media (prefers-color-scheme:dark){{{}}}\n",
            rule(&self.light),
            rule(&self.dark)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_accent_is_legible_in_both_schemes() {
        for text in [
            "#000000", "#ffffff", "#ffff00", "#0000ff", "#1f6f5c", "#808080", "#ff69b4",
        ] {
            let palette = Palette::of(Colour::parse(text).unwrap());
            for (accent, grounds) in [(palette.light, LIGHT), (palette.dark, DARK)] {
                assert!(accent.colour.contrast(accent.ink) >= TEXT, "{text}");
                assert!(
                    grounds
                        .iter()
                        .all(|ground| accent.colour.contrast(*ground) >= TEXT),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn the_stylesheet_has_the_grounds_that_the_accent_is_measured_on() {
        let css = include_str!("../../assets/page.css");
        for ground in LIGHT.iter().chain(&DARK) {
            assert!(css.contains(&format!("{ground};")), "{ground}");
        }
    }

    #[test]
    fn the_stylesheets_own_text_colours_are_legible() {
        let colour = |text| Colour::parse(text).unwrap();
        for (grounds, texts) in [
            (
                [LIGHT[0], LIGHT[1], colour("#fdf3dc"), colour("#fdecea")],
                ["#1d1c1a", "#5f5b55"],
            ),
            (
                [DARK[0], DARK[1], colour("#33290f"), colour("#3a1a18")],
                ["#ecebe8", "#aaa7a1"],
            ),
        ] {
            for text in texts {
                assert!(
                    grounds
                        .iter()
                        .all(|ground| colour(text).contrast(*ground) >= TEXT),
                    "{text}"
                );
            }
        }
    }
}
