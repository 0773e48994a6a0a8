//! `[appearance]`: how the pages look.

use vestibule_http::{Appearance, Colour, Logo};

use super::secret::Outside;
use super::section::Section;

pub(super) fn read(section: Section<'_>, outside: &Outside<'_>) -> Appearance {
    let mut appearance = Appearance::default();
    if let Some(name) = section.text("name") {
        name.clone_into(&mut appearance.operator);
    }
    if let Some(text) = section.text("color") {
        match Colour::parse(text) {
            Ok(accent) => appearance.accent = accent,
            Err(error) => section.note("color", error.to_string()),
        }
    }
    appearance.support = section.parsed("support");
    if let Some(path) = section.text("logo") {
        let path = outside.folder.join(path);
        match std::fs::read(&path) {
            Ok(bytes) => match Logo::new(bytes) {
                Ok(logo) => appearance.logo = Some(logo),
                Err(error) => section.note("logo", format!("{}: {error}", path.display())),
            },
            Err(error) => section.note(
                "logo",
                format!("the file {} cannot be read: {error}", path.display()),
            ),
        }
    }
    section.finish();
    appearance
}
