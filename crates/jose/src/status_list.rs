use std::io::{Read, Write};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

/// The largest list that is decoded, in bytes: the statuses of 16 million tokens. It bounds what a decompression
/// bomb can cost.
const LARGEST: usize = 2 * 1024 * 1024;

/// One bit for each token, least significant bit of each byte first
/// (draft-ietf-oauth-status-list, “Status List”).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusList {
    bytes: Vec<u8>,
}

/// Whether the tokens behind an index still stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// 0x00: “valid, correct or legal”.
    Valid,
    /// 0x01: “revoked, annulled, taken back, recalled or cancelled”, for good.
    Invalid,
}

impl StatusList {
    /// Makes a list of at least this many statuses, all of them valid.
    pub fn all_valid(statuses: u32) -> Self {
        Self {
            bytes: vec![0; statuses.div_ceil(8) as usize],
        }
    }

    /// Takes the bits as a store keeps them, eight statuses a byte.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }

    /// Returns the bits as a store keeps them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Reads one status; `None` beyond the end, which a verifier must not take as valid.
    pub fn get(&self, index: u32) -> Option<Status> {
        let byte = self.bytes.get(index as usize / 8)?;
        Some(if byte & mask(index) == 0 {
            Status::Valid
        } else {
            Status::Invalid
        })
    }

    /// Writes one status.
    ///
    /// # Errors
    /// [`StatusListError::OutOfRange`] beyond the end.
    pub fn set(&mut self, index: u32, status: Status) -> Result<(), StatusListError> {
        let byte = self
            .bytes
            .get_mut(index as usize / 8)
            .ok_or(StatusListError::OutOfRange(index))?;
        match status {
            Status::Valid => *byte &= !mask(index),
            Status::Invalid => *byte |= mask(index),
        }
        Ok(())
    }

    /// Compresses the list into `lst`: DEFLATE in the ZLIB format, “RECOMMENDED to use the highest compression level
    /// available”, then base64url without padding.
    pub fn encode(&self) -> String {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        // Writing into a vector does not fail; an empty list would be refused by every verifier.
        let compressed = encoder
            .write_all(&self.bytes)
            .and_then(|()| encoder.finish())
            .unwrap_or_default();
        URL_SAFE_NO_PAD.encode(compressed)
    }

    /// Decompresses `lst`.
    ///
    /// # Errors
    /// [`StatusListError::Malformed`] if it is not base64url of a whole ZLIB stream,
    /// [`StatusListError::TooLarge`] if it unpacks to more than 2 MiB.
    pub fn decode(lst: &str) -> Result<Self, StatusListError> {
        let compressed = URL_SAFE_NO_PAD
            .decode(lst)
            .map_err(|_| StatusListError::Malformed)?;
        let mut bytes = Vec::new();
        ZlibDecoder::new(compressed.as_slice())
            .take(LARGEST as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(|_| StatusListError::Malformed)?;
        if bytes.len() > LARGEST {
            return Err(StatusListError::TooLarge);
        }
        Ok(Self { bytes })
    }
}

fn mask(index: u32) -> u8 {
    1 << (index % 8)
}

/// Why a status list cannot be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatusListError {
    /// The index lies beyond the end of the list.
    #[error("the status list has no entry {0}")]
    OutOfRange(u32),
    /// The list has several bits per token, which Vestibule never issues.
    #[error("a status list of {0} bits per token is not supported; only 1 is")]
    UnsupportedBits(u8),
    /// The text is not base64url of a whole ZLIB stream.
    #[error("the status list is damaged")]
    Malformed,
    /// The list unpacks to more than any list of ours.
    #[error("the status list is too large")]
    TooLarge,
}
