//! Logins at providers: `U`, expiry, version, the times of asking, the fields behind their length, what is kept; and ended ones: `X`,
//! the same without what is kept.

use async_trait::async_trait;
use futures_util::future::{try_join, try_join_all};
use redis::Value;
use vestibule_broker::record::{Called, UpstreamId, UpstreamLogin, UpstreamState, Vouched};
use vestibule_broker::store::{Claimed, Settlement, StoreError, UpstreamLogins};
use vestibule_keyring::SealedBox;
use vestibule_protocol::{ProviderId, Subject, Timestamp};

use crate::head::{HeadReader, HeadWriter, SLACK, drop_at, milliseconds, value};
use crate::index::{AT_A_TIME, Index};
use crate::pack::{PackError, pack, unpack};
use crate::script::Script;
use crate::store::{Question, RedisStore};

const ELSEWHERE: &[&str] = &["id", "expires_at", "state"];

fn write(login: &UpstreamLogin) -> Result<Vec<u8>, PackError> {
    let fields = pack(login, ELSEWHERE)?;
    let head = match &login.state {
        UpstreamState::Standing(vouched) => HeadWriter::new(b'U')
            .time(login.expires_at)
            .number(vouched.version)
            .time(vouched.checked_at)
            .time(vouched.check_due)
            .maybe_time(vouched.failing_since)
            .maybe_time(vouched.claimed_until)
            .measured(&fields)
            .then(vouched.kept.as_str().as_bytes()),
        UpstreamState::Ended => {
            let head = HeadWriter::new(b'X').time(login.expires_at).number(0);
            let head = (0..4).fold(head, |head, _| head.maybe_time(None));
            head.measured(&fields)
        }
    };
    Ok(head.into_bytes())
}

fn read(id: &UpstreamId, record: &[u8]) -> Result<UpstreamLogin, PackError> {
    let (kind, mut head) = HeadReader::new(record)?;
    if kind != b'U' && kind != b'X' {
        return Err(PackError::UnknownKind);
    }
    let (expires_at, version) = (head.time()?, head.number()?);
    let (checked_at, check_due) = (head.time()?, head.time()?);
    let (failing_since, claimed_until) = (head.maybe_time()?, head.maybe_time()?);
    let fields = head.measured()?;
    let elsewhere = vec![
        ("id", id.as_str().into()),
        ("expires_at", value(expires_at)),
        ("state", serde_json::to_value(UpstreamState::Ended)?),
    ];
    let login: UpstreamLogin = unpack(fields, elsewhere)?;
    if kind == b'X' {
        return Ok(login);
    }
    let kept = std::str::from_utf8(head.rest()).map_err(|_| PackError::Damaged)?;
    let vouched = Vouched {
        kept: SealedBox::parse(kept).map_err(|_| PackError::Damaged)?,
        version,
        checked_at,
        check_due,
        failing_since,
        claimed_until,
    };
    Ok(UpstreamLogin {
        state: UpstreamState::Standing(vouched),
        ..login
    })
}

/// Under what an index lists a login that a provider calls so: no provider's id has a colon in it.
fn name(provider: &ProviderId, called: &Called) -> String {
    match called {
        Called::Sid(sid) => format!("{provider}:sid:{sid}"),
        Called::Sub(sub) => format!("{provider}:sub:{sub}"),
    }
}

impl RedisStore {
    async fn index_upstream(&self, login: &UpstreamLogin, expiry: Timestamp) -> Result<(), StoreError> {
        let id = login.id.as_str();
        let names: Vec<String> = login
            .called()
            .map(|called| name(&login.provider, &called))
            .collect();
        let by_name = try_join_all(
            names
                .iter()
                .map(|name| self.add_to(Index::UpstreamsByName, name, id, expiry)),
        );
        let by_user = self.add_to(Index::UpstreamsOfUser, login.subject.as_str(), id, expiry);
        try_join(by_user, by_name).await.map(drop)
    }

    async fn live_upstreams(
        &self,
        index: Index,
        owner: &str,
        now: Timestamp,
        theirs: impl Fn(&UpstreamLogin) -> bool,
    ) -> Result<Vec<UpstreamLogin>, StoreError> {
        let ids: Vec<UpstreamId> = self
            .members(index, owner)
            .await?
            .into_iter()
            .map(UpstreamId::new)
            .collect();
        let mut logins = Vec::new();
        for some in ids.chunks(AT_A_TIME) {
            let found = try_join_all(some.iter().map(|id| self.find_upstream(id, now))).await?;
            logins.extend(found.into_iter().flatten().filter(&theirs));
        }
        Ok(logins)
    }
}

#[async_trait]
impl UpstreamLogins for RedisStore {
    async fn put_upstream(&self, login: UpstreamLogin) -> Result<(), StoreError> {
        let question = Question::command("SET", &self.keys.upstream(&login.id))
            .arg(write(&login)?)
            .arg("PXAT")
            .arg(drop_at(login.expires_at));
        try_join(
            self.decide::<()>(question),
            self.index_upstream(&login, login.expires_at),
        )
        .await
        .map(drop)
    }

    async fn find_upstream(
        &self,
        id: &UpstreamId,
        now: Timestamp,
    ) -> Result<Option<UpstreamLogin>, StoreError> {
        let record: Option<Vec<u8>> = self
            .read(Question::command("GET", &self.keys.upstream(id)))
            .await?;
        let found = record.map(|record| read(id, &record)).transpose()?;
        Ok(found.filter(|login| now < login.expires_at))
    }

    /// Takes a second round trip when the life is made longer: the indices have to keep the login for as long.
    async fn hold_upstream(
        &self,
        id: &UpstreamId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let question = Question::script(Script::HoldUpstream, &[&self.keys.upstream(id)])
            .arg(milliseconds(now))
            .arg(milliseconds(until))
            .arg(SLACK);
        match self.decide(question).await? {
            Value::Int(0) => Ok(false),
            Value::Int(_) => Ok(true),
            Value::BulkString(record) => {
                self.index_upstream(&read(id, &record)?, until).await?;
                Ok(true)
            }
            _ => Err(PackError::Reply.into()),
        }
    }

    async fn claim_upstream(
        &self,
        id: &UpstreamId,
        claimed_until: Timestamp,
        now: Timestamp,
    ) -> Result<Claimed, StoreError> {
        let question = Question::script(Script::ClaimUpstream, &[&self.keys.upstream(id)])
            .arg(milliseconds(now))
            .arg(milliseconds(claimed_until));
        let claimed: Option<(String, Vec<u8>)> = self.decide(question).await?;
        let Some((outcome, record)) = claimed else {
            return Ok(Claimed::Ended);
        };
        let login = Box::new(read(id, &record)?);
        match outcome.as_str() {
            "granted" => Ok(Claimed::Granted(login)),
            "busy" => Ok(Claimed::Busy(login)),
            "not due" => Ok(Claimed::NotDue(login)),
            _ => Err(PackError::Reply.into()),
        }
    }

    async fn settle_upstream(
        &self,
        id: &UpstreamId,
        version: u64,
        settlement: Settlement,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (outcome, check_due, kept) = match settlement {
            Settlement::Standing { kept, check_due } => ("standing", check_due, kept),
            Settlement::Failing { kept, check_due } => ("failing", check_due, kept),
        };
        let question = Question::script(Script::SettleUpstream, &[&self.keys.upstream(id)])
            .arg(milliseconds(now))
            .arg(version)
            .arg(outcome)
            .arg(milliseconds(check_due))
            .arg(kept.as_ref().map_or("", SealedBox::as_str));
        self.decide(question).await
    }

    async fn end_upstream(
        &self,
        id: &UpstreamId,
        now: Timestamp,
    ) -> Result<Option<UpstreamLogin>, StoreError> {
        let question =
            Question::script(Script::EndUpstream, &[&self.keys.upstream(id)]).arg(milliseconds(now));
        let record: Option<Vec<u8>> = self.decide(question).await?;
        Ok(record.map(|record| read(id, &record)).transpose()?)
    }

    async fn upstreams_of_user(
        &self,
        subject: &Subject,
        now: Timestamp,
    ) -> Result<Vec<UpstreamLogin>, StoreError> {
        let theirs = |login: &UpstreamLogin| login.vouched().is_some() && login.subject == *subject;
        self.live_upstreams(Index::UpstreamsOfUser, subject.as_str(), now, theirs)
            .await
    }

    async fn upstreams_called(
        &self,
        provider: &ProviderId,
        called: &Called,
        now: Timestamp,
    ) -> Result<Vec<UpstreamLogin>, StoreError> {
        let theirs = |login: &UpstreamLogin| {
            login.provider == *provider && login.called().any(|theirs| theirs == *called)
        };
        self.live_upstreams(Index::UpstreamsByName, &name(provider, called), now, theirs)
            .await
    }
}
