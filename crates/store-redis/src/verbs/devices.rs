//! Devices that wait for somebody: `D`, and once there is a decision `G` (granted) or `N` (denied); expiry, until when it is
//! remembered, when the next poll may come, the interval, the walk that may decide and the device code in 32 bytes each, the
//! measured fields, and behind them what was granted: the session's id, fields. What was handed over is `S`, the same head, no
//! fields, the session's id.

use async_trait::async_trait;
use vestibule_broker::Digest;
use vestibule_broker::record::{DeviceApproval, DeviceAuthorization};
use vestibule_broker::store::{
    DeviceBegun, DeviceDecided, DeviceDecision, Devices, Polled, SLOWER, SLOWEST, StoreError,
};
use vestibule_protocol::{SessionId, Timestamp};

use crate::head::{HeadReader, HeadWriter, drop_at, milliseconds, value};
use crate::pack::{PackError, pack, unpack};
use crate::script::Script;
use crate::store::{Question, RedisStore};

const IN_THE_HEAD: &[&str] = &["expires_at", "forgotten_at", "device_code"];
const SESSION: &str = "session";
/// The walk of a device whose code nobody has entered: no digest is made of so many zeros.
const NOBODY: [u8; 32] = [0; 32];

fn write(device: &DeviceAuthorization) -> Result<Vec<u8>, PackError> {
    let fields = pack(device, IN_THE_HEAD)?;
    Ok(HeadWriter::new(b'D')
        .time(device.expires_at)
        .time(device.forgotten_at)
        .number(0)
        .number(device.interval)
        .then(&NOBODY)
        .then(device.device_code.as_bytes())
        .measured(&fields)
        .into_bytes())
}

fn write_approval(approval: &DeviceApproval) -> Result<Vec<u8>, PackError> {
    let fields = pack(approval, &[SESSION])?;
    Ok(HeadWriter::bare()
        .short_text(approval.session.as_str())
        .then(&fields)
        .into_bytes())
}

/// The device, and what follows it.
fn read(record: &[u8]) -> Result<(DeviceAuthorization, HeadReader<'_>), PackError> {
    let (kind, mut head) = HeadReader::new(record)?;
    if !matches!(kind, b'D' | b'G') {
        return Err(PackError::UnknownKind);
    }
    let (expires_at, forgotten_at) = (head.time()?, head.time()?);
    let _poll_from = head.time()?;
    let _interval = head.number()?;
    let _walk = head.digest()?;
    let device_code = serde_json::to_value(head.digest()?)?;
    let in_the_head = vec![
        ("expires_at", value(expires_at)),
        ("forgotten_at", value(forgotten_at)),
        ("device_code", device_code),
    ];
    let device = unpack(head.measured()?, in_the_head)?;
    Ok((device, head))
}

fn read_granted(record: &[u8]) -> Result<Polled, PackError> {
    let (device, mut head) = read(record)?;
    let session = head.short_text()?;
    let approval = unpack(head.rest(), vec![(SESSION, session.into())])?;
    Ok(Polled::Granted(Box::new(device), Box::new(approval)))
}

/// What the script says: a word, and behind it the record or the session's id.
fn read_polled(said: &[u8]) -> Result<Polled, PackError> {
    let (word, rest) = said.split_first().ok_or(PackError::Reply)?;
    match word {
        b'p' => Ok(Polled::Pending),
        b's' => Ok(Polled::SlowDown),
        b'n' => Ok(Polled::Denied),
        b'e' => Ok(Polled::Expired),
        b'g' => read_granted(rest),
        b'r' => {
            let session = std::str::from_utf8(rest).map_err(|_| PackError::Damaged)?;
            SessionId::parse(session)
                .map(Polled::Spent)
                .map_err(|_| PackError::Damaged)
        }
        _ => Err(PackError::Reply),
    }
}

#[async_trait]
impl Devices for RedisStore {
    async fn begin_device(
        &self,
        user_code: Digest,
        device: DeviceAuthorization,
        now: Timestamp,
    ) -> Result<DeviceBegun, StoreError> {
        let question = Question::script(Script::BeginDevice, &[&self.keys.device(user_code)])
            .arg(milliseconds(now))
            .arg(drop_at(device.forgotten_at))
            .arg(write(&device)?);
        let begun: u8 = self.decide(question).await?;
        Ok(match begun {
            0 => DeviceBegun::Taken,
            _ => DeviceBegun::Begun,
        })
    }

    async fn enter_device(
        &self,
        user_code: Digest,
        walk: Digest,
        now: Timestamp,
    ) -> Result<Option<DeviceAuthorization>, StoreError> {
        let question = Question::script(Script::EnterDevice, &[&self.keys.device(user_code)])
            .arg(milliseconds(now))
            .arg(walk.as_bytes().as_slice());
        let found: Option<Vec<u8>> = self.decide(question).await?;
        Ok(found
            .map(|record| read(&record).map(|(device, _)| device))
            .transpose()?)
    }

    async fn decide_device(
        &self,
        user_code: Digest,
        walk: Digest,
        decision: DeviceDecision,
        now: Timestamp,
    ) -> Result<DeviceDecided, StoreError> {
        let (kind, approval) = match &decision {
            DeviceDecision::Approve(approval) => ("G", write_approval(approval)?),
            DeviceDecision::Deny => ("N", Vec::new()),
        };
        let question = Question::script(Script::DecideDevice, &[&self.keys.device(user_code)])
            .arg(milliseconds(now))
            .arg(walk.as_bytes().as_slice())
            .arg(kind)
            .arg(approval);
        let decided: Option<u8> = self.decide(question).await?;
        Ok(match decided {
            None => DeviceDecided::Unknown,
            Some(0) => DeviceDecided::Stale,
            Some(_) => DeviceDecided::Decided,
        })
    }

    async fn poll_device(
        &self,
        user_code: Digest,
        device_code: Digest,
        now: Timestamp,
    ) -> Result<Polled, StoreError> {
        let question = Question::script(Script::PollDevice, &[&self.keys.device(user_code)])
            .arg(milliseconds(now))
            .arg(device_code.as_bytes().as_slice())
            .arg(SLOWER)
            .arg(SLOWEST);
        let said: Option<Vec<u8>> = self.decide(question).await?;
        Ok(match said {
            None => Polled::Unknown,
            Some(said) => read_polled(&said)?,
        })
    }
}
