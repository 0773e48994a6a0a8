//! Users listed in the operator's configuration.
