//! Schemes that no redirect may have.

/// What a browser runs or shows itself: a code sent there runs as a script, or stays in the page that asked.
const BROWSER: [&str; 22] = [
    "about",
    "blob",
    "chrome",
    "chrome-search",
    "chrome-untrusted",
    "cid",
    "data",
    "devtools",
    "edge",
    "feed",
    "filesystem",
    "jar",
    "javascript",
    "livescript",
    "mhtml",
    "mid",
    "mocha",
    "res",
    "resource",
    "vbscript",
    "view-source",
    "wyciwyg",
];

/// What the operating system handles: files, settings, installers, and links that name another app to start.
const SYSTEM: [&str; 16] = [
    "android-app",
    "content",
    "file",
    "intent",
    "itms",
    "itms-services",
    "market",
    "ms-appinstaller",
    "ms-excel",
    "ms-msdt",
    "ms-officecmd",
    "ms-powerpoint",
    "ms-settings",
    "ms-word",
    "search-ms",
    "shell",
];

/// Other protocols: the code would travel in clear, to a server or a person instead of the app.
const PROTOCOLS: [&str; 29] = [
    "afp", "callto", "dict", "facetime", "ftp", "ftps", "git", "gopher", "imap", "irc", "ldap", "ldaps",
    "magnet", "mailto", "news", "nfs", "nntp", "rtsp", "sftp", "sip", "sips", "smb", "sms", "ssh", "tel",
    "telnet", "tftp", "ws", "wss",
];

/// Whether a scheme, in lower case, runs code, reads files or speaks another protocol than an app's own.
pub(super) fn is_dangerous(scheme: &str) -> bool {
    BROWSER.contains(&scheme) || SYSTEM.contains(&scheme) || PROTOCOLS.contains(&scheme)
}
