//! How a command failed, in one line.

/// The error and its causes, each said once: many an error quotes its cause already.
pub(crate) fn told(error: &anyhow::Error) -> String {
    let mut told = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !told.ends_with(&cause) {
            told.push_str(": ");
            told.push_str(&cause);
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use std::io;

    use anyhow::Context as _;

    use super::*;

    #[test]
    fn a_cause_is_said_once() {
        let cause = || io::Error::other("no code was given");
        let quoted = Err::<(), _>(cause()).context("asking failed: no code was given");
        assert_eq!(told(&quoted.unwrap_err()), "asking failed: no code was given");
        let unquoted = Err::<(), _>(cause()).context("asking failed");
        assert_eq!(told(&unquoted.unwrap_err()), "asking failed: no code was given");
    }
}
