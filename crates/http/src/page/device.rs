//! The pages for people who let a device in.

use askama::Template;

use super::Frame;

/// The page that asks for the code on the device.
#[derive(Debug, Template)]
#[template(path = "device.html")]
pub(crate) struct DevicePage<'a> {
    pub(crate) frame: &'a Frame,
    /// What was typed before, or came with the address.
    pub(crate) typed: String,
    pub(crate) problem: Option<&'a str>,
}

/// The page that sends the person back to the device.
#[derive(Debug, Template)]
#[template(path = "device_done.html")]
pub(crate) struct DeviceDonePage<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) client: String,
    pub(crate) approved: bool,
    /// Why the device was not let in, if no person decided that.
    pub(crate) reason: Option<&'a str>,
}
