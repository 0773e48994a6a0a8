//! How a call fails.

use std::time::Duration;

use thiserror::Error;

/// Why there is no answer. The texts name hosts and limits, never a query, a header or a body.
#[derive(Debug, Error)]
pub enum OutboundError {
    /// The address is one that this client does not go to.
    #[error("{host} is not at an address that is allowed here, such as a public one")]
    Refused {
        /// The host.
        host: String,
    },
    /// The URL is neither `https` nor, where private addresses are allowed, `http`.
    #[error("{host}: calls go over https only")]
    NotHttps {
        /// The host.
        host: String,
    },
    /// Nobody answers there.
    #[error("{host} cannot be reached: {cause}")]
    Unreachable {
        /// The host.
        host: String,
        /// What went wrong.
        cause: String,
    },
    /// No whole answer came in time.
    #[error("{host} did not answer within {} ms", after.as_millis())]
    TimedOut {
        /// The host.
        host: String,
        /// How long was waited.
        after: Duration,
    },
    /// The answer is larger than allowed.
    #[error("{host} answered with more than {most} bytes")]
    TooLarge {
        /// The host.
        host: String,
        /// The most that is read, in bytes.
        most: usize,
    },
    /// The client could not be set up.
    #[error("the client for outbound calls cannot be set up: {0}")]
    SetUp(String),
}
