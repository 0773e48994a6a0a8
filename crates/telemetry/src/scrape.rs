use prometheus::{Registry, TextEncoder};

/// What Prometheus reads, as it stands at each look.
#[derive(Debug, Clone)]
pub struct Scrape(Registry);

impl Scrape {
    /// The media type of [`text`](Self::text)
    /// ([exposition format](https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format)).
    pub const MEDIA_TYPE: &'static str = prometheus::TEXT_FORMAT;

    pub(crate) fn of(registry: Registry) -> Self {
        Self(registry)
    }

    /// Everything that was counted and measured, as text.
    ///
    /// # Errors
    /// [`ScrapeError`] when a metric cannot be written.
    pub fn text(&self) -> Result<String, ScrapeError> {
        Ok(TextEncoder::new().encode_to_string(&self.0.gather())?)
    }
}

/// A metric cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the metrics cannot be written: {0}")]
pub struct ScrapeError(#[from] prometheus::Error);
