//! Devices that wait for somebody.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use vestibule_broker::Digest;
use vestibule_broker::record::{DeviceApproval, DeviceAuthorization};
use vestibule_broker::store::{
    DeviceBegun, DeviceDecided, DeviceDecision, Devices, Polled, SLOWER, SLOWEST, StoreError,
};
use vestibule_protocol::{SessionId, Timestamp};

use crate::embedded::Embedded;
use crate::table::{Record, Table};
use crate::trace::Trace;

pub(crate) type DeviceTable = Table<Digest, Device>;

/// A device's life.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Device {
    asked: DeviceAuthorization,
    state: DeviceState,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
enum DeviceState {
    /// Nobody has decided.
    Waiting {
        /// The walk that may.
        walk: Option<Digest>,
        /// How many milliseconds have to lie between two polls.
        interval: u64,
        /// When the next poll may come.
        poll_from: Timestamp,
    },
    Approved {
        approval: Box<DeviceApproval>,
    },
    Denied,
    /// What was granted was handed over.
    Spent {
        session: SessionId,
    },
}

impl Record<Digest> for Device {
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.asked.forgotten_at)
    }
}

fn begin(
    table: &mut DeviceTable,
    user_code: Digest,
    asked: DeviceAuthorization,
    now: Timestamp,
    trace: &mut Trace,
) -> DeviceBegun {
    if table.find_live(&user_code, now, trace).is_some() {
        return DeviceBegun::Taken;
    }
    let state = DeviceState::Waiting {
        walk: None,
        interval: asked.interval,
        poll_from: Timestamp::from_millis(0),
    };
    table.put(user_code, Device { asked, state }, trace);
    DeviceBegun::Begun
}

fn enter(
    table: &mut DeviceTable,
    user_code: Digest,
    walk: Digest,
    now: Timestamp,
    trace: &mut Trace,
) -> Option<DeviceAuthorization> {
    let found = table.find_live(&user_code, now, trace)?;
    if found.asked.expires_at <= now || !matches!(found.state, DeviceState::Waiting { .. }) {
        return None;
    }
    let bound = table.update(&user_code, trace, |device| {
        if let DeviceState::Waiting { walk: bound, .. } = &mut device.state {
            *bound = Some(walk);
        }
    })?;
    Some(bound.asked.clone())
}

fn decide(
    table: &mut DeviceTable,
    user_code: Digest,
    walk: Digest,
    decision: DeviceDecision,
    now: Timestamp,
    trace: &mut Trace,
) -> DeviceDecided {
    match table.find_live(&user_code, now, trace) {
        Some(found) if now < found.asked.expires_at => match found.state {
            DeviceState::Waiting {
                walk: Some(bound), ..
            } if bound == walk => {}
            _ => return DeviceDecided::Stale,
        },
        _ => return DeviceDecided::Unknown,
    }
    table.update(&user_code, trace, |device| {
        device.state = match decision {
            DeviceDecision::Approve(approval) => DeviceState::Approved { approval },
            DeviceDecision::Deny => DeviceState::Denied,
        };
    });
    DeviceDecided::Decided
}

fn poll(
    table: &mut DeviceTable,
    user_code: Digest,
    device_code: Digest,
    now: Timestamp,
    trace: &mut Trace,
) -> Polled {
    let Some(found) = table.find_live(&user_code, now, trace) else {
        return Polled::Unknown;
    };
    if found.asked.device_code != device_code {
        return Polled::Unknown;
    }
    if let DeviceState::Spent { session } = &found.state {
        return Polled::Spent(session.clone());
    }
    if found.asked.expires_at <= now {
        return Polled::Expired;
    }
    match &found.state {
        DeviceState::Denied => Polled::Denied,
        DeviceState::Spent { session } => Polled::Spent(session.clone()),
        DeviceState::Waiting { .. } => pace(table, user_code, now, trace),
        DeviceState::Approved { approval } => {
            let session = approval.session.clone();
            hand_over(table, user_code, session, trace)
        }
    }
}

fn pace(table: &mut DeviceTable, user_code: Digest, now: Timestamp, trace: &mut Trace) -> Polled {
    let mut polled = Polled::Pending;
    table.update(&user_code, trace, |device| {
        if let DeviceState::Waiting {
            interval, poll_from, ..
        } = &mut device.state
        {
            if now < *poll_from {
                *interval = interval.saturating_add(SLOWER).min(SLOWEST);
                polled = Polled::SlowDown;
            }
            *poll_from = now + Duration::from_millis(*interval);
        }
    });
    polled
}

fn hand_over(table: &mut DeviceTable, user_code: Digest, session: SessionId, trace: &mut Trace) -> Polled {
    let mut before = DeviceState::Spent { session };
    let Some(device) = table.update(&user_code, trace, |device| {
        std::mem::swap(&mut device.state, &mut before);
    }) else {
        return Polled::Unknown;
    };
    match before {
        DeviceState::Approved { approval } => Polled::Granted(Box::new(device.asked.clone()), approval),
        DeviceState::Waiting { .. } | DeviceState::Denied | DeviceState::Spent { .. } => Polled::Unknown,
    }
}

#[async_trait]
impl Devices for Embedded {
    async fn begin_device(
        &self,
        user_code: Digest,
        device: DeviceAuthorization,
        now: Timestamp,
    ) -> Result<DeviceBegun, StoreError> {
        self.verb(|image, trace| begin(&mut image.devices, user_code, device, now, trace))
            .await
    }

    async fn enter_device(
        &self,
        user_code: Digest,
        walk: Digest,
        now: Timestamp,
    ) -> Result<Option<DeviceAuthorization>, StoreError> {
        self.verb(|image, trace| enter(&mut image.devices, user_code, walk, now, trace))
            .await
    }

    async fn decide_device(
        &self,
        user_code: Digest,
        walk: Digest,
        decision: DeviceDecision,
        now: Timestamp,
    ) -> Result<DeviceDecided, StoreError> {
        self.verb(|image, trace| decide(&mut image.devices, user_code, walk, decision, now, trace))
            .await
    }

    async fn poll_device(
        &self,
        user_code: Digest,
        device_code: Digest,
        now: Timestamp,
    ) -> Result<Polled, StoreError> {
        self.verb(|image, trace| poll(&mut image.devices, user_code, device_code, now, trace))
            .await
    }
}
