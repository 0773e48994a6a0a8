//! How a step of a walk fails.

use thiserror::Error;
use vestibule_provider::ProviderError;

use crate::store::StoreError;
use crate::{LimitError, LimitRule, Limited};

/// Why a step was not taken. The texts of the first group are for the person before the page.
#[derive(Debug, Error)]
pub enum WalkError {
    /// The walk took too long, or is finished.
    #[error("This page has expired, or it was already used. Go back to your app and connect again.")]
    Expired,
    /// Another browser began the walk.
    #[error(
        "This sign-in was begun in another browser, or cookies are blocked. Go back to your app, connect again, and \
         stay in the browser that opens."
    )]
    OtherBrowser,
    /// Another tab took this step.
    #[error(
        "Another tab has already gone on from here. Go on there, or go back to your app and connect again."
    )]
    Stale,
    /// Somebody else is logged in by now.
    #[error("You have signed in as somebody else in another tab. Go back to your app and connect again.")]
    OtherUser,
    /// The client is no longer registered.
    #[error("This app is not known here any more. Remove the server from the app and add it again.")]
    ClientGone,
    /// There is no such provider.
    #[error("This way of signing in does not exist here. Go back to your app and connect again.")]
    UnknownProvider,
    /// The provider's users may not come to what the client asks for.
    #[error(
        "Users of this identity provider may not use what the app asks for. Go back and sign in another way."
    )]
    ProviderNotAdmitted,
    /// No device shows the code that the user typed.
    #[error(
        "No device shows this code now. Compare it with the one on your device; codes last a few minutes."
    )]
    UserCode,
    /// The user left every scope unticked.
    #[error("Nothing was ticked. Tick what the app may do, or deny.")]
    NothingChosen,
    /// Too many wrong passwords or codes, or too many messages.
    #[error("{}", told(.0))]
    TooManyTries(#[from] Limited),
    /// The provider did not vouch for the user.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record could not be sealed or opened.
    #[error("a login's state cannot be sealed or opened: {0}")]
    Sealing(String),
}

impl From<LimitError> for WalkError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => Self::TooManyTries(limited),
            LimitError::Store(error) => Self::Store(error),
        }
    }
}

fn told(limited: &Limited) -> String {
    let what = match limited.rule {
        LimitRule::LoginAddress => "Too many sign-ins have failed from your network.",
        LimitRule::LoginMessages => "Too many messages were asked for.",
        LimitRule::UserCodes => "Too many codes were typed in your network.",
        LimitRule::Documents
        | LimitRule::Pages
        | LimitRule::Failures
        | LimitRule::Registration
        | LimitRule::ClientDocuments
        | LimitRule::ClientSecrets
        | LimitRule::LoginPasswords
        | LimitRule::LoginCodes
        | LimitRule::Issuance => "Too many sign-ins have failed for this account.",
    };
    format!("{what} Wait {} seconds and try again.", limited.seconds())
}
