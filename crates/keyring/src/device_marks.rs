use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac;
use subtle::{Choice, ConstantTimeEq};
use vestibule_protocol::{Secret, Timestamp};
use zeroize::Zeroizing;

use crate::MasterSecret;
use crate::master_secret::keyed;

/// For how many days a mark is good.
const GOOD_FOR: u32 = 180;
/// How many accounts one browser is known to.
const MOST: usize = 5;
const SECONDS_A_DAY: i64 = 24 * 60 * 60;

/// Marks browsers in which somebody has logged in to an account before, after
/// [OWASP's device cookies](https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies).
///
/// A mark is `base64url(nonce ‖ day ‖ HMAC-SHA-256(device key, nonce ‖ day ‖ account))`: it shows no account, is good for one, and
/// nothing of it is stored. It opens no door: a browser with a mark still has to show the password, and only waits for no
/// stranger.
pub struct DeviceMarks {
    current: DeviceKey,
    previous: Vec<DeviceKey>,
}

type DeviceKey = Zeroizing<[u8; 32]>;

/// What a mark is made of, before it is believed.
struct Mark<'a> {
    text: &'a str,
    nonce: [u8; 12],
    day: u32,
    mac: [u8; 32],
}

impl DeviceMarks {
    /// Marks under the current secret, and believes marks made under any of them.
    pub fn new(current: &MasterSecret, previous: &[MasterSecret]) -> Self {
        let key = |secret: &MasterSecret| secret.derive("device marks");
        Self {
            current: key(current),
            previous: previous.iter().map(key).collect(),
        }
    }

    /// Finds the mark of this account among those that a browser shows: the name by which this browser is counted. The work is
    /// the same whether there is one or not.
    pub fn find(&self, shown: &Secret, account: &str, now: Timestamp) -> Option<String> {
        let today = day(now);
        marks(shown).fold(None, |found, mark| {
            let good = self.is_of(&mark, account) && mark.is_young(today);
            if good {
                mark.text.get(..16).map(str::to_owned)
            } else {
                found
            }
        })
    }

    /// What the browser is to show from now on: the marks that it has, and a new one for this account.
    pub fn renew(&self, shown: Option<&Secret>, account: &str, nonce: [u8; 12], now: Timestamp) -> Secret {
        let today = day(now);
        let mac = mac(&self.current, &nonce, today, account);
        let mut bytes = [0; 48];
        let (head, tail) = bytes.split_at_mut(16);
        let (first, second) = head.split_at_mut(12);
        first.copy_from_slice(&nonce);
        second.copy_from_slice(&today.to_be_bytes());
        tail.copy_from_slice(&mac);
        let mut all = URL_SAFE_NO_PAD.encode(bytes);
        let others = shown
            .into_iter()
            .flat_map(marks)
            .filter(|mark| mark.is_young(today) && !self.is_of(mark, account));
        for mark in others.take(MOST - 1) {
            all.push('.');
            all.push_str(mark.text);
        }
        Secret::new(all)
    }

    fn is_of(&self, mark: &Mark<'_>, account: &str) -> bool {
        std::iter::once(&self.current)
            .chain(&self.previous)
            .fold(Choice::from(0), |found, key| {
                found | mac(key, &mark.nonce, mark.day, account).ct_eq(&mark.mac)
            })
            .into()
    }
}

impl Mark<'_> {
    fn is_young(&self, today: u32) -> bool {
        today.abs_diff(self.day) <= GOOD_FOR
    }
}

impl fmt::Debug for DeviceMarks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceMarks").finish_non_exhaustive()
    }
}

/// The marks in a cookie that can be read, the first few of them.
fn marks(shown: &Secret) -> impl Iterator<Item = Mark<'_>> {
    shown.expose().split('.').take(MOST).filter_map(|text| {
        let bytes: [u8; 48] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (nonce, rest) = bytes.split_first_chunk()?;
        let (day, rest) = rest.split_first_chunk()?;
        let (mac, _) = rest.split_first_chunk()?;
        Some(Mark {
            text,
            nonce: *nonce,
            day: u32::from_be_bytes(*day),
            mac: *mac,
        })
    })
}

/// The nonce and the day have fixed lengths and stand first, so no two inputs run together.
fn mac(key: &DeviceKey, nonce: &[u8; 12], day: u32, account: &str) -> [u8; 32] {
    let mut mac = keyed(key.as_slice());
    mac.update(nonce);
    mac.update(&day.to_be_bytes());
    mac.update(account.as_bytes());
    mac.finalize().into_bytes().into()
}

fn day(now: Timestamp) -> u32 {
    u32::try_from(now.as_secs() / SECONDS_A_DAY).unwrap_or_default()
}
