//! Who has which: sessions by user and by client, logins at providers by user and by what the provider calls them.
//!
//! A record and its index entries lie in different slots of a cluster, so that each is a command of its own. They are sent
//! together, and a verb that makes a record answers once all of them are carried out: an index never misses a record that somebody
//! was told of. What an index has too much, a reader drops, since it looks at the records themselves.
//!
//! 4,096 small hashes hold the entries of one kind; `scripts/index.lua` says why. At a million sessions each has about 250.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vestibule_broker::Digest;
use vestibule_broker::store::StoreError;
use vestibule_protocol::Timestamp;

use crate::head::{SLACK, milliseconds};
use crate::pack::PackError;
use crate::script::Script;
use crate::store::{Question, RedisStore};

/// How many hashes share the entries of one kind.
const BUCKETS: u16 = 4096;

/// How many entries a shared hash takes before an owner who has much gets their own: Redis keeps up to 512 as a flat list.
const CROWD: usize = 400;

/// How many records a reader asks for at a time.
pub(crate) const AT_A_TIME: usize = 64;

/// How many bytes of an owner's digest stand in an entry. Two owners in one hash may have the same; readers look at the records.
const OWNER: usize = 5;

/// Seconds a day: entries expire by the day.
const DAY: i64 = 86_400;

/// The kinds of indices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Index {
    SessionsOfUser,
    SessionsOfClient,
    UpstreamsOfUser,
    UpstreamsByName,
}

impl Index {
    fn letter(self) -> char {
        match self {
            Self::SessionsOfUser => 's',
            Self::SessionsOfClient => 'c',
            Self::UpstreamsOfUser => 'u',
            Self::UpstreamsByName => 'n',
        }
    }
}

/// Where the entries of one owner are.
struct Place {
    shared: String,
    own: String,
    owner: [u8; OWNER],
}

impl RedisStore {
    fn place(&self, index: Index, owner: &str) -> Place {
        let digest = Digest::of(owner);
        let bytes = digest.as_bytes().iter().copied();
        let mut owner = [0; OWNER];
        for (to, from) in owner.iter_mut().zip(bytes.clone()) {
            *to = from;
        }
        let number = bytes
            .skip(8)
            .take(2)
            .fold(0, |number, byte| (number << 8) | u16::from(byte));
        let bucket = number % BUCKETS;
        let [shared, own] = self
            .keys
            .index(index.letter(), bucket, &URL_SAFE_NO_PAD.encode(owner));
        Place { shared, own, owner }
    }

    /// Notes that `owner` has `member` until `expiry`.
    pub(crate) async fn add_to(
        &self,
        index: Index,
        owner: &str,
        member: &str,
        expiry: Timestamp,
    ) -> Result<(), StoreError> {
        self.read(self.entry(index, owner, member, expiry)).await
    }

    /// The question that notes that `owner` has `member` until `expiry`. Noting it a second time changes nothing.
    pub(crate) fn entry(&self, index: Index, owner: &str, member: &str, expiry: Timestamp) -> Question {
        let Place { shared, own, owner } = self.place(index, owner);
        let day = milliseconds(expiry) / 1000 / DAY;
        Question::script(Script::Index, &[&shared, &own])
            .arg(&owner)
            .arg(shorten(member))
            .arg(day)
            .arg((day + 1) * DAY + SLACK / 1000)
            .arg(CROWD)
    }

    /// Drops an entry. One that stays is dropped when its time is over.
    pub(crate) async fn drop_from(&self, index: Index, owner: &str, member: &str) -> Result<(), StoreError> {
        let Place { shared, own, owner } = self.place(index, owner);
        let member = shorten(member);
        let entry = [owner.as_slice(), &member].concat();
        let (one, two) = futures_util::future::join(
            self.read::<()>(Question::command("HDEL", &shared).arg(entry)),
            self.read::<()>(Question::command("HDEL", &own).arg(member)),
        )
        .await;
        one.and(two)
    }

    /// What `owner` has, or had until a while ago.
    pub(crate) async fn members(&self, index: Index, owner: &str) -> Result<BTreeSet<String>, StoreError> {
        let Place { shared, own, owner } = self.place(index, owner);
        let (shared, own) = futures_util::future::try_join(
            self.read::<Vec<Vec<u8>>>(Question::command("HKEYS", &shared)),
            self.read::<Vec<Vec<u8>>>(Question::command("HKEYS", &own)),
        )
        .await?;
        let theirs = shared.iter().filter_map(|entry| entry.strip_prefix(&owner));
        let members = theirs.chain(own.iter().map(Vec::as_slice)).map(lengthen);
        Ok(members.collect::<Result<_, _>>()?)
    }
}

/// Sixteen bytes in base64url as those bytes behind a 1, anything else as it is behind a 0.
fn shorten(member: &str) -> Vec<u8> {
    match URL_SAFE_NO_PAD.decode(member) {
        Ok(raw) if raw.len() == 16 && URL_SAFE_NO_PAD.encode(&raw) == member => {
            [&[1], raw.as_slice()].concat()
        }
        Ok(_) | Err(_) => [&[0], member.as_bytes()].concat(),
    }
}

fn lengthen(entry: &[u8]) -> Result<String, PackError> {
    match entry.split_first() {
        Some((1, raw)) => Ok(URL_SAFE_NO_PAD.encode(raw)),
        Some((0, text)) => String::from_utf8(text.to_vec()).map_err(|_| PackError::Damaged),
        Some(_) | None => Err(PackError::Damaged),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_the_same_after_it_was_shortened() {
        for member in [
            "",
            "s",
            "AAECAwQFBgcICQoLDA0ODw",
            "AAECAwQFBgcICQoLDA0ODx",
            "a text with spaces",
        ] {
            assert_eq!(lengthen(&shorten(member)).unwrap(), member);
        }
        assert_eq!(shorten("AAECAwQFBgcICQoLDA0ODw").len(), 17);
    }
}
