//! The paths of the endpoints, below the issuer.

/// The authorization endpoint.
pub const AUTHORIZE: &str = "/oauth/authorize";
/// Pushed authorization requests.
pub const PAR: &str = "/oauth/par";
/// The token endpoint.
pub const TOKEN: &str = "/oauth/token";
/// Dynamic registration; a registration is managed one segment below.
pub const REGISTER: &str = "/oauth/register";
/// Token revocation.
pub const REVOKE: &str = "/oauth/revoke";
/// Token introspection.
pub const INTROSPECT: &str = "/oauth/introspect";
/// UserInfo.
pub const USERINFO: &str = "/oauth/userinfo";
/// Logout; what an identity provider sends goes elsewhere.
pub const LOGOUT: &str = "/oauth/logout";
/// Where devices begin.
pub const DEVICE_AUTHORIZATION: &str = "/oauth/device_authorization";
/// Where people type the code that a device shows.
pub const DEVICE: &str = "/device";
/// The key set.
pub const KEYS: &str = "/oauth/keys";
/// The status lists; each is one segment below.
pub const STATUS_LISTS: &str = "/oauth/status";
