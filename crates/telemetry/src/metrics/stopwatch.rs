use std::time::Instant;

/// Measures how long something takes. It decides nothing: the time of day, by which things expire, is handed in elsewhere.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Begins to measure.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that measures, for nobody's decision"
    )]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// How long ago it began.
    pub fn seconds(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}
