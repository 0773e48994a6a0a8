//! A store of which one verb fails, is where many meet, or remembers what was, when a test says so.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tokio::sync::Barrier;
use vestibule_broker::Digest;
use vestibule_broker::record::{
    Authorization, BrowserLogin, Called, ClientDocument, CodeGrant, ConsentKey, DeviceAuthorization,
    PushedRequest, RegisteredClient, Session, Standing, StoredKeys, UpstreamId, UpstreamLogin,
};
use vestibule_broker::store::{
    Advance, Authorizations, BrowserLogins, Claimed, ClientDocuments, Clients, Codes, Consents, DeviceBegun,
    DeviceDecided, DeviceDecision, Devices, Keys, Limits, Opened, Page, PageRequest, Polled, PushedRequests,
    Quota, Redeemed, Registered, Remembered, ReplayGuard, Rotated, RotationTerms, Sessions, SessionsOf,
    Settlement, StatusBits, StatusLists, StoreError, Taken, UpstreamLogins, Verdict,
};
use vestibule_keyring::SealedBox;
use vestibule_protocol::{ClientId, ProviderId, ScopeSet, SessionId, StatusRef, Subject, Timestamp};
use vestibule_store_embedded::Embedded;

/// The store below, and the verbs that fail.
pub(crate) struct Faulty {
    store: Arc<Embedded>,
    failing: Mutex<BTreeSet<&'static str>>,
    meeting: Mutex<Option<(&'static str, Arc<Barrier>)>>,
    recalled: Mutex<Option<Session>>,
}

impl Faulty {
    pub(crate) fn over(store: &Arc<Embedded>) -> Arc<Self> {
        Arc::new(Self {
            store: store.clone(),
            failing: Mutex::default(),
            meeting: Mutex::default(),
            recalled: Mutex::default(),
        })
    }

    /// From now on this verb fails.
    pub(crate) fn fail_at(&self, verb: &'static str) {
        self.failing.lock().unwrap().insert(verb);
    }

    /// From now on nobody goes on from this verb before so many have come to it.
    pub(crate) fn meet_at(&self, verb: &'static str, callers: usize) {
        *self.meeting.lock().unwrap() = Some((verb, Arc::new(Barrier::new(callers))));
    }

    /// From now on this is how it saw the session last.
    pub(crate) fn recall(&self, session: Session) {
        *self.recalled.lock().unwrap() = Some(session);
    }

    async fn meet(&self, verb: &str) {
        let meeting = self.meeting.lock().unwrap().clone();
        if let Some((_, barrier)) = meeting.filter(|(at, _)| *at == verb) {
            barrier.wait().await;
        }
    }

    /// Every verb works again.
    pub(crate) fn mend(&self) {
        self.failing.lock().unwrap().clear();
    }

    fn check(&self, verb: &str) -> Result<(), StoreError> {
        if self.failing.lock().unwrap().contains(verb) {
            return Err(StoreError::Unavailable(format!("{verb} was told to fail").into()));
        }
        Ok(())
    }
}

/// Hands every verb on.
macro_rules! hand_on {
    ($($store:ident {
        $($verb:ident [$($parameters:tt)*] ($($argument:ident),*) -> $answer:ty;)*
        $(+ { $($own:tt)* })?
    })*) => {
        $(
            #[async_trait]
            impl $store for Faulty {
                $($($own)*)?
                $(
                    async fn $verb(&self, $($parameters)*) -> Result<$answer, StoreError> {
                        self.check(stringify!($verb))?;
                        self.meet(stringify!($verb)).await;
                        self.store.$verb($($argument),*).await
                    }
                )*
            }
        )*
    };
}

hand_on! {
    Authorizations {
        begin_authorization [ticket: Digest, authorization: Authorization] (ticket, authorization) -> ();
        find_authorization [ticket: Digest, now: Timestamp] (ticket, now) -> Option<Authorization>;
        advance_authorization [ticket: Digest, next: Authorization, now: Timestamp] (ticket, next, now) -> Advance;
        take_authorization [ticket: Digest, step: u64, now: Timestamp] (ticket, step, now) -> Taken;
    }
    BrowserLogins {
        put_browser_login [cookie: Digest, login: BrowserLogin] (cookie, login) -> ();
        find_browser_login [cookie: Digest, now: Timestamp] (cookie, now) -> Option<BrowserLogin>;
        end_browser_login [cookie: Digest] (cookie) -> ();
    }
    ClientDocuments {
        put_document [document: ClientDocument, now: Timestamp] (document, now) -> ClientDocument;
        find_document [id: &ClientId, now: Timestamp] (id, now) -> Option<ClientDocument>;
        judge_document [id: &ClientId, standing: Standing, expires_at: Timestamp, now: Timestamp] (id, standing, expires_at, now) -> ();
        forget_document [id: &ClientId, now: Timestamp] (id, now) -> bool;
        list_documents [page: &PageRequest, now: Timestamp] (page, now) -> Option<Page<ClientDocument>>;
    }
    Clients {
        register_client [client: RegisteredClient, now: Timestamp] (client, now) -> Registered;
        find_client [id: &ClientId, now: Timestamp] (id, now) -> Option<RegisteredClient>;
        touch_client [id: &ClientId, expires_at: Timestamp, now: Timestamp] (id, expires_at, now) -> ();
        replace_client [client: RegisteredClient, now: Timestamp] (client, now) -> bool;
        block_client [id: &ClientId, blocked: bool, now: Timestamp] (id, blocked, now) -> bool;
        delete_client [id: &ClientId, now: Timestamp] (id, now) -> bool;
        list_clients [page: &PageRequest, now: Timestamp] (page, now) -> Option<Page<RegisteredClient>>;
    }
    Codes {
        issue_code [code: Digest, grant: CodeGrant] (code, grant) -> ();
        redeem_code [code: Digest, remember_until: Timestamp, now: Timestamp] (code, remember_until, now) -> Redeemed;
    }
    Consents {
        grant_consent [key: ConsentKey, scopes: ScopeSet] (key, scopes) -> ();
        find_consent [key: &ConsentKey] (key) -> ScopeSet;
        revoke_consent [key: &ConsentKey] (key) -> ();
    }
    Devices {
        begin_device [user_code: Digest, device: DeviceAuthorization, now: Timestamp] (user_code, device, now) -> DeviceBegun;
        enter_device [user_code: Digest, walk: Digest, now: Timestamp] (user_code, walk, now) -> Option<DeviceAuthorization>;
        decide_device [user_code: Digest, walk: Digest, decision: DeviceDecision, now: Timestamp] (user_code, walk, decision, now) -> DeviceDecided;
        poll_device [user_code: Digest, device_code: Digest, now: Timestamp] (user_code, device_code, now) -> Polled;
    }
    Keys {
        load_keys [] () -> Option<StoredKeys>;
        swap_keys [expected: Option<u64>, document: SealedBox] (expected, document) -> bool;
    }
    Limits {
        check_limit [cell: &str, quota: Quota, now: Timestamp] (cell, quota, now) -> Verdict;
        clear_limit [cell: &str] (cell) -> ();
    }
    PushedRequests {
        push_request [key: Digest, request: PushedRequest] (key, request) -> ();
        take_pushed_request [key: Digest, now: Timestamp] (key, now) -> Option<PushedRequest>;
    }
    ReplayGuard {
        remember [key: Digest, until: Timestamp, now: Timestamp] (key, until, now) -> Remembered;
        recall [key: Digest, now: Timestamp] (key, now) -> Option<Timestamp>;
    }
    Sessions {
        open_session [session: Session, now: Timestamp] (session, now) -> Opened;
        find_session [id: &SessionId, now: Timestamp] (id, now) -> Option<Session>;
        rotate_session [id: &SessionId, presented: u64, terms: RotationTerms, now: Timestamp] (id, presented, terms, now) -> Rotated;
        end_session [id: &SessionId, remember_until: Timestamp, now: Timestamp] (id, remember_until, now) -> Option<Session>;
        sessions_of_user [subject: &Subject, now: Timestamp] (subject, now) -> Vec<Session>;
        sessions_of_client [client: &ClientId, now: Timestamp] (client, now) -> Vec<Session>;
        list_sessions [of: &SessionsOf, page: &PageRequest, now: Timestamp] (of, page, now) -> Option<Page<Session>>;
        + {
            async fn recall_session(&self, id: &SessionId, now: Timestamp) -> Result<Option<Session>, StoreError> {
                let recalled = self.recalled.lock().unwrap().clone();
                match recalled.filter(|session| session.id == *id) {
                    Some(session) => Ok(Some(session)),
                    None => self.find_session(id, now).await,
                }
            }
        }
    }
    StatusLists {
        allot_status [needed_until: Timestamp] (needed_until) -> StatusRef;
        set_status [status: StatusRef] (status) -> ();
        read_status [list: u64] (list) -> Option<StatusBits>;
    }
    UpstreamLogins {
        put_upstream [login: UpstreamLogin] (login) -> ();
        find_upstream [id: &UpstreamId, now: Timestamp] (id, now) -> Option<UpstreamLogin>;
        hold_upstream [id: &UpstreamId, until: Timestamp, now: Timestamp] (id, until, now) -> bool;
        claim_upstream [id: &UpstreamId, claimed_until: Timestamp, now: Timestamp] (id, claimed_until, now) -> Claimed;
        settle_upstream [id: &UpstreamId, version: u64, settlement: Settlement, now: Timestamp] (id, version, settlement, now) -> bool;
        end_upstream [id: &UpstreamId, now: Timestamp] (id, now) -> Option<UpstreamLogin>;
        upstreams_of_user [subject: &Subject, now: Timestamp] (subject, now) -> Vec<UpstreamLogin>;
        upstreams_called [provider: &ProviderId, called: &Called, now: Timestamp] (provider, called, now) -> Vec<UpstreamLogin>;
    }
}
