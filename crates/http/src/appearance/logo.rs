//! The operator's logo, served by the broker itself.

use bytes::Bytes;
use http::HeaderValue;

/// A picture and its media type.
#[derive(Debug, Clone)]
pub struct Logo {
    bytes: Bytes,
    media_type: &'static str,
}

/// What a logo may not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LogoError {
    /// The file is none of the kinds that every browser shows.
    #[error("the logo is not a PNG, JPEG, GIF, WebP or SVG picture")]
    UnknownKind,
    /// The file would slow every page down.
    #[error("the logo is larger than 256 KiB")]
    TooLarge,
}

/// The largest logo, in bytes.
const LARGEST: usize = 256 * 1024;

impl Logo {
    /// Takes a picture; its kind is read from its first bytes.
    ///
    /// # Errors
    /// See [`LogoError`].
    pub fn new(bytes: impl Into<Bytes>) -> Result<Self, LogoError> {
        let bytes = bytes.into();
        if bytes.len() > LARGEST {
            return Err(LogoError::TooLarge);
        }
        let media_type = media_type(&bytes).ok_or(LogoError::UnknownKind)?;
        Ok(Self { bytes, media_type })
    }

    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    pub(crate) fn media_type(&self) -> HeaderValue {
        HeaderValue::from_static(self.media_type)
    }
}

fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => std::str::from_utf8(bytes)
            .ok()
            .filter(|text| text.contains("<svg"))
            .map(|_| "image/svg+xml"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_picture_is_refused() {
        assert_eq!(Logo::new(&b"<html>"[..]).unwrap_err(), LogoError::UnknownKind);
        assert_eq!(Logo::new(&b""[..]).unwrap_err(), LogoError::UnknownKind);
    }

    #[test]
    fn a_picture_that_is_too_large_is_refused() {
        let bytes = [&b"\x89PNG"[..], &vec![0; LARGEST]].concat();
        assert_eq!(Logo::new(bytes).unwrap_err(), LogoError::TooLarge);
    }

    #[test]
    fn the_kind_is_read_from_the_first_bytes() {
        let kind = |bytes: &'static [u8]| Logo::new(bytes).unwrap().media_type();
        assert_eq!(kind(b"\x89PNG\r\n"), "image/png");
        assert_eq!(kind(b"\xff\xd8\xff\xe0"), "image/jpeg");
        assert_eq!(kind(b"GIF89a"), "image/gif");
        assert_eq!(kind(b"RIFF....WEBPVP8 "), "image/webp");
        assert_eq!(kind(b"<?xml version=\"1.0\"?><svg/>"), "image/svg+xml");
    }
}
