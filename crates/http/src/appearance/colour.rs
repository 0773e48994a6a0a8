//! A colour, and how well it is read on another ([WCAG 2.2 §1.4.3](https://www.w3.org/TR/WCAG22/#contrast-minimum)).

use std::fmt;

/// An opaque sRGB colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour([u8; 3]);

/// What a colour may not be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a colour: write it as #rrggbb, for example #1f6f5c")]
pub struct ColourError(String);

/// How many steps there are from a colour to black or to white.
const STEPS: u16 = 64;

impl Colour {
    pub(crate) const BLACK: Self = Self([0; 3]);
    pub(crate) const WHITE: Self = Self([255; 3]);

    pub(crate) const fn rgb(red: u8, green: u8, blue: u8) -> Self {
        Self([red, green, blue])
    }

    /// Reads `#rrggbb`.
    ///
    /// # Errors
    /// Anything else is refused.
    pub fn parse(text: &str) -> Result<Self, ColourError> {
        let refused = || ColourError(text.to_owned());
        let digits = text.strip_prefix('#').ok_or_else(refused)?;
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(refused());
        }
        let [_, red, green, blue] = u32::from_str_radix(digits, 16)
            .map_err(|_| refused())?
            .to_be_bytes();
        Ok(Self([red, green, blue]))
    }

    /// The contrast with `other`, from 1 to 21.
    pub(crate) fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// Black or white, whichever is read better on this colour; never below 4.5.
    pub(crate) fn ink(self) -> Self {
        if self.contrast(Self::WHITE) >= self.contrast(Self::BLACK) {
            Self::WHITE
        } else {
            Self::BLACK
        }
    }

    /// This colour, moved towards `end` until it has `ratio` on each of `grounds`.
    pub(crate) fn legible_on(self, grounds: &[Self], end: Self, ratio: f64) -> Self {
        (0..=STEPS)
            .map(|step| self.towards(end, step))
            .find(|colour| grounds.iter().all(|ground| colour.contrast(*ground) >= ratio))
            .unwrap_or(end)
    }

    fn towards(self, end: Self, step: u16) -> Self {
        let mix = |(from, to): (u8, u8)| {
            let mixed = (u16::from(from) * (STEPS - step) + u16::from(to) * step) / STEPS;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        };
        let ([red, green, blue], [end_red, end_green, end_blue]) = (self.0, end.0);
        Self([
            mix((red, end_red)),
            mix((green, end_green)),
            mix((blue, end_blue)),
        ])
    }

    /// [Relative luminance](https://www.w3.org/TR/WCAG22/#dfn-relative-luminance).
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        let [red, green, blue] = self.0;
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anything_but_six_hex_digits_is_refused() {
        for text in [
            "", "#", "1f6f5c", "#1f6f5", "#1f6f5cc", "#+f6f5c", "#1f6f5g", "red", "#é1234",
        ] {
            assert!(Colour::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_colour_is_written_as_it_was_read() {
        assert_eq!(Colour::parse("#1F6f5c").unwrap().to_string(), "#1f6f5c");
    }

    #[test]
    fn contrast_is_that_of_the_guidelines() {
        assert!((Colour::BLACK.contrast(Colour::WHITE) - 21.0).abs() < 1e-9);
        // The lightest grey that is legible on white.
        let grey = Colour::parse("#767676").unwrap().contrast(Colour::WHITE);
        assert!((grey - 4.54).abs() < 0.01, "{grey}");
    }

    #[test]
    fn text_on_any_colour_is_legible() {
        for colour in cube() {
            assert!(colour.contrast(colour.ink()) >= 4.5, "{colour}");
        }
    }

    #[test]
    fn any_colour_becomes_legible_on_a_given_ground() {
        let grounds = [Colour::WHITE, Colour::rgb(0xf4, 0xf3, 0xf0)];
        for colour in cube() {
            let legible = colour.legible_on(&grounds, Colour::BLACK, 4.5);
            assert!(
                grounds.iter().all(|ground| legible.contrast(*ground) >= 4.5),
                "{colour} → {legible}"
            );
        }
    }

    #[test]
    fn a_legible_colour_is_left_alone() {
        let colour = Colour::parse("#1f6f5c").unwrap();
        assert_eq!(colour.legible_on(&[Colour::WHITE], Colour::BLACK, 4.5), colour);
    }

    fn cube() -> impl Iterator<Item = Colour> {
        let levels = || (0..=255u8).step_by(15);
        levels().flat_map(move |red| {
            levels().flat_map(move |green| levels().map(move |blue| Colour::rgb(red, green, blue)))
        })
    }
}
