//! The axum surface: routes, extractors, pages and middleware.
