use std::io;

use url::Url;
use vestibule_protocol::Secret;

/// The person in front of the client.
pub trait Interaction: Send + Sync + 'static {
    /// Brings the person to `url`: opens a browser, or shows the address where there is none.
    fn open_url(&self, url: &Url) -> impl Future<Output = ()> + Send;

    /// Shows one message: what happens now, or how far a tool has come.
    fn show(&self, message: &str);

    /// Asks for the code that the authorization server shows at the end of a login.
    fn ask_code(&self) -> impl Future<Output = io::Result<Secret>> + Send;
}
