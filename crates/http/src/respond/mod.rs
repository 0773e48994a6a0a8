//! Responses that set their own headers.

mod cached;
mod cookies;
mod page;
mod policy;
mod redirect;
mod sensitive;

pub(crate) use cached::{Cached, IfNoneMatch, cache_control, etag};
pub(crate) use cookies::Cookies;
pub(crate) use page::{page, page_with, script_page};
pub(crate) use policy::ScriptPolicy;
pub(crate) use redirect::see_other;
pub(crate) use sensitive::{DPOP_NONCE, NO_STORE, Sensitive};
