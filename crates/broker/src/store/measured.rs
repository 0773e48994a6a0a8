//! A store whose verbs are measured.

use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use vestibule_keyring::SealedBox;
use vestibule_protocol::{ClientId, ProviderId, ScopeSet, SessionId, StatusRef, Subject, Timestamp};
use vestibule_telemetry::{Outcome, Stopwatch, metrics};

use super::{
    Advance, Authorizations, BrowserLogins, Claimed, ClientDocuments, Clients, Codes, Consents, DeviceBegun,
    DeviceDecided, DeviceDecision, Devices, Keys, Limits, Opened, Page, PageRequest, Polled, PushedRequests,
    Quota, Redeemed, Registered, Remembered, ReplayGuard, Rotated, RotationTerms, Sessions, SessionsOf,
    Settlement, StatusBits, StatusLists, Store, StoreError, Taken, UpstreamLogins, Verdict,
};
use crate::Digest;
use crate::record::{
    Authorization, BrowserLogin, Called, ClientDocument, CodeGrant, ConsentKey, DeviceAuthorization,
    PushedRequest, RegisteredClient, Session, Standing, StoredKeys, UpstreamId, UpstreamLogin,
};

/// Measures how long each verb of another store takes. Put between broker and store only where somebody reads that.
pub struct Measured {
    store: Arc<dyn Store>,
    backend: &'static str,
}

impl Measured {
    /// Measures the verbs of `store`, under the name of its kind.
    pub fn new(store: Arc<dyn Store>, backend: &'static str) -> Self {
        Self { store, backend }
    }

    async fn measure<T>(
        &self,
        verb: &'static str,
        answer: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let stopwatch = Stopwatch::start();
        let answer = answer.await;
        let outcome = match &answer {
            Ok(_) => Outcome::Ok,
            Err(StoreError::Unavailable(_)) => Outcome::Failed("unavailable"),
            Err(StoreError::Corrupt(_)) => Outcome::Failed("corrupt"),
        };
        if let Some(metrics) = metrics() {
            metrics.store_verb(self.backend, verb, outcome, &stopwatch);
        }
        tracing::debug!(
            verb,
            backend = self.backend,
            ?outcome,
            seconds = stopwatch.seconds(),
            "the store answered"
        );
        answer
    }
}

/// Each verb of each trait, handed on and measured.
macro_rules! measured {
    ($($trait:ident { $($verb:ident($($argument:ident: $type:ty),*) -> $answer:ty;)* })*) => {$(
        #[async_trait]
        impl $trait for Measured {$(
            async fn $verb(&self, $($argument: $type),*) -> Result<$answer, StoreError> {
                self.measure(stringify!($verb), self.store.$verb($($argument),*)).await
            }
        )*}
    )*};
}

measured! {
    Clients {
        register_client(client: RegisteredClient, now: Timestamp) -> Registered;
        find_client(id: &ClientId, now: Timestamp) -> Option<RegisteredClient>;
        touch_client(id: &ClientId, expires_at: Timestamp, now: Timestamp) -> ();
        replace_client(client: RegisteredClient, now: Timestamp) -> bool;
        block_client(id: &ClientId, blocked: bool, now: Timestamp) -> bool;
        delete_client(id: &ClientId, now: Timestamp) -> bool;
        list_clients(page: &PageRequest, now: Timestamp) -> Option<Page<RegisteredClient>>;
    }
    ClientDocuments {
        put_document(document: ClientDocument, now: Timestamp) -> ClientDocument;
        find_document(id: &ClientId, now: Timestamp) -> Option<ClientDocument>;
        judge_document(id: &ClientId, standing: Standing, expires_at: Timestamp, now: Timestamp) -> ();
        forget_document(id: &ClientId, now: Timestamp) -> bool;
        list_documents(page: &PageRequest, now: Timestamp) -> Option<Page<ClientDocument>>;
    }
    Authorizations {
        begin_authorization(ticket: Digest, authorization: Authorization) -> ();
        find_authorization(ticket: Digest, now: Timestamp) -> Option<Authorization>;
        advance_authorization(ticket: Digest, next: Authorization, now: Timestamp) -> Advance;
        take_authorization(ticket: Digest, step: u64, now: Timestamp) -> Taken;
    }
    Codes {
        issue_code(code: Digest, grant: CodeGrant) -> ();
        redeem_code(code: Digest, remember_until: Timestamp, now: Timestamp) -> Redeemed;
    }
    Devices {
        begin_device(user_code: Digest, device: DeviceAuthorization, now: Timestamp) -> DeviceBegun;
        enter_device(user_code: Digest, walk: Digest, now: Timestamp) -> Option<DeviceAuthorization>;
        decide_device(user_code: Digest, walk: Digest, decision: DeviceDecision, now: Timestamp) -> DeviceDecided;
        poll_device(user_code: Digest, device_code: Digest, now: Timestamp) -> Polled;
    }
    PushedRequests {
        push_request(key: Digest, request: PushedRequest) -> ();
        take_pushed_request(key: Digest, now: Timestamp) -> Option<PushedRequest>;
    }
    Sessions {
        open_session(session: Session, now: Timestamp) -> Opened;
        find_session(id: &SessionId, now: Timestamp) -> Option<Session>;
        recall_session(id: &SessionId, now: Timestamp) -> Option<Session>;
        rotate_session(id: &SessionId, presented: u64, terms: RotationTerms, now: Timestamp) -> Rotated;
        end_session(id: &SessionId, remember_until: Timestamp, now: Timestamp) -> Option<Session>;
        sessions_of_user(subject: &Subject, now: Timestamp) -> Vec<Session>;
        sessions_of_client(client: &ClientId, now: Timestamp) -> Vec<Session>;
        list_sessions(of: &SessionsOf, page: &PageRequest, now: Timestamp) -> Option<Page<Session>>;
    }
    Consents {
        grant_consent(key: ConsentKey, scopes: ScopeSet) -> ();
        find_consent(key: &ConsentKey) -> ScopeSet;
        revoke_consent(key: &ConsentKey) -> ();
    }
    BrowserLogins {
        put_browser_login(cookie: Digest, login: BrowserLogin) -> ();
        find_browser_login(cookie: Digest, now: Timestamp) -> Option<BrowserLogin>;
        end_browser_login(cookie: Digest) -> ();
    }
    UpstreamLogins {
        put_upstream(login: UpstreamLogin) -> ();
        find_upstream(id: &UpstreamId, now: Timestamp) -> Option<UpstreamLogin>;
        hold_upstream(id: &UpstreamId, until: Timestamp, now: Timestamp) -> bool;
        claim_upstream(id: &UpstreamId, claimed_until: Timestamp, now: Timestamp) -> Claimed;
        settle_upstream(id: &UpstreamId, version: u64, settlement: Settlement, now: Timestamp) -> bool;
        end_upstream(id: &UpstreamId, now: Timestamp) -> Option<UpstreamLogin>;
        upstreams_of_user(subject: &Subject, now: Timestamp) -> Vec<UpstreamLogin>;
        upstreams_called(provider: &ProviderId, called: &Called, now: Timestamp) -> Vec<UpstreamLogin>;
    }
    ReplayGuard {
        remember(key: Digest, until: Timestamp, now: Timestamp) -> Remembered;
        recall(key: Digest, now: Timestamp) -> Option<Timestamp>;
    }
    Keys {
        load_keys() -> Option<StoredKeys>;
        swap_keys(expected: Option<u64>, document: SealedBox) -> bool;
    }
    StatusLists {
        allot_status(needed_until: Timestamp) -> StatusRef;
        set_status(status: StatusRef) -> ();
        read_status(list: u64) -> Option<StatusBits>;
    }
    Limits {
        check_limit(cell: &str, quota: Quota, now: Timestamp) -> Verdict;
        clear_limit(cell: &str) -> ();
    }
}
