//! Listings for operators, a page at a time: of an index, or of all keys of one kind by `SCAN`, server after server.

use std::collections::BTreeSet;

use futures_util::future::try_join_all;
use vestibule_broker::store::{Cursor, Page, PageRequest, StoreError};

use crate::error::Trouble;
use crate::link::Failure;
use crate::store::RedisStore;

/// How many keys Redis looks at in one step.
const STEP: usize = 500;

/// How many steps make one page at most, so that a page of few records among many others has an end.
const STEPS: usize = 32;

/// Where a scan goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    /// Which server.
    server: usize,
    /// Redis's own mark.
    cursor: u64,
    /// How many records of the step at this mark were listed before.
    skip: usize,
}

impl Mark {
    const START: Self = Self {
        server: 0,
        cursor: 0,
        skip: 0,
    };

    fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.strip_prefix("scan:")?.split(':');
        let mark = Self {
            server: numbers.next()?.parse().ok()?,
            cursor: numbers.next()?.parse().ok()?,
            skip: numbers.next()?.parse().ok()?,
        };
        numbers.next().is_none().then_some(mark)
    }

    fn cursor(self) -> Cursor {
        let Self { server, cursor, skip } = self;
        Cursor::new(format!("scan:{server}:{cursor}:{skip}"))
    }
}

impl RedisStore {
    /// A page of the records under keys that begin with `letter` and a colon; `read` finds the record of what follows.
    pub(crate) async fn scan<T, F>(
        &self,
        letter: char,
        page: &PageRequest,
        read: impl Fn(String) -> F,
    ) -> Result<Option<Page<T>>, StoreError>
    where
        F: Future<Output = Result<Option<T>, StoreError>>,
    {
        let mark = match &page.after {
            None => Some(Mark::START),
            Some(cursor) => Mark::parse(cursor.as_str()),
        };
        let Some(mut mark) = mark else { return Ok(None) };
        let prefix = self.keys.kind(letter);
        for _ in 0..STEPS {
            let (names, next) = self.step(&prefix, mark, page.size.records()).await?;
            let found = try_join_all(names.into_iter().map(&read)).await?;
            let records: Vec<T> = found.into_iter().flatten().collect();
            if !records.is_empty() || next.is_none() {
                let next = next.map(Mark::cursor);
                return Ok(Some(Page { records, next }));
            }
            mark = next.unwrap_or(mark);
        }
        let (records, next) = (Vec::new(), Some(mark.cursor()));
        Ok(Some(Page { records, next }))
    }

    /// What follows the prefix in some keys, `most` at most, and where to go on.
    async fn step(
        &self,
        prefix: &str,
        mark: Mark,
        most: usize,
    ) -> Result<(BTreeSet<String>, Option<Mark>), StoreError> {
        let servers = self.link.servers().await?;
        let Some(server) = servers.get(mark.server) else {
            return Ok((BTreeSet::new(), None));
        };
        let (mut count, mut names, mut cursor) = (STEP, BTreeSet::new(), 0);
        while count > 0 {
            let mut scan = redis::cmd("SCAN");
            scan.arg(mark.cursor)
                .arg("MATCH")
                .arg(format!("{prefix}*"))
                .arg("COUNT")
                .arg(count);
            let answered = server.send(&scan).await.map_err(|failure| match failure {
                Failure::Trouble(trouble) => StoreError::from(trouble),
                _ => Trouble::Closed.into(),
            })?;
            let (next, keys): (u64, Vec<String>) =
                redis::from_redis_value(answered).map_err(|_| crate::pack::PackError::Reply)?;
            names = keys
                .iter()
                .filter_map(|key| key.strip_prefix(prefix))
                .map(str::to_owned)
                .collect();
            cursor = next;
            if names.len() <= most {
                break;
            }
            count /= 2;
        }
        let left: BTreeSet<String> = names.into_iter().skip(mark.skip).collect();
        let next = if left.len() > most {
            Some(Mark {
                skip: mark.skip + most,
                ..mark
            })
        } else if cursor != 0 {
            Some(Mark {
                cursor,
                skip: 0,
                ..mark
            })
        } else if mark.server + 1 < servers.len() {
            Some(Mark {
                server: mark.server + 1,
                ..Mark::START
            })
        } else {
            None
        };
        Ok((left.into_iter().take(most).collect(), next))
    }

    /// A page of what `members` names; `read` finds the record.
    pub(crate) async fn leaf<T, F>(
        &self,
        members: BTreeSet<String>,
        page: &PageRequest,
        read: impl Fn(String) -> F,
    ) -> Result<Option<Page<T>>, StoreError>
    where
        F: Future<Output = Result<Option<T>, StoreError>>,
    {
        let after = match &page.after {
            None => "",
            Some(cursor) => match cursor.as_str().strip_prefix("after:") {
                Some(after) => after,
                None => return Ok(None),
            },
        };
        let mut left = members.into_iter().filter(|member| member.as_str() > after);
        let names: Vec<String> = left.by_ref().take(page.size.records()).collect();
        let last = names.last().cloned().unwrap_or_default();
        let next = left.next().map(|_| Cursor::new(format!("after:{last}")));
        let found = try_join_all(names.into_iter().map(read)).await?;
        let records = found.into_iter().flatten().collect();
        Ok(Some(Page { records, next }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        let mark = Mark {
            server: 2,
            cursor: u64::MAX,
            skip: 3,
        };
        assert_eq!(Mark::parse(mark.cursor().as_str()), Some(mark));
        for foreign in ["", "scan:", "scan:1:2", "scan:1:2:3:4", "scan:-1:0:0", "after:s"] {
            assert_eq!(Mark::parse(foreign), None, "{foreign}");
        }
    }
}
