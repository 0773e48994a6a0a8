//! How often things may be done: each rule, through the use case that it limits.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use vestibule_broker::record::CodeGrant;
use vestibule_broker::settings::{AddressClass, LimitMode, LimitSettings, Outage};
use vestibule_broker::store::{Limits as _, Quota, Verdict};
use vestibule_broker::{
    Broker, ClientAddress, EndpointError as _, LimitReport, LimitRule, Limited, RegisterError, TokenError,
};
use vestibule_protocol::{OAuthErrorCode, Subject};
use vestibule_store_embedded::Embedded;

use crate::fixture::{SECRET, WEB, World, basic, params, secrets};

const MINUTE: Duration = Duration::from_secs(60);

/// A world in which a rule lets three through, and one more each minute.
async fn world(rule: LimitRule) -> World {
    world_with(rule, |_| {}).await
}

async fn world_with(rule: LimitRule, change: impl FnOnce(&mut LimitSettings)) -> World {
    World::with(|settings| {
        let limits = &mut settings.limits;
        limits.rule_mut(rule).quota = Quota {
            burst: 3,
            per: MINUTE,
        };
        limits.classes = vec![AddressClass {
            name: "platform".to_owned(),
            networks: vec!["198.51.100.0/24".parse().unwrap()],
            users: 4,
        }];
        change(limits);
    })
    .await
}

fn at(world: &World, address: &str) -> ClientAddress {
    let address: IpAddr = address.parse().unwrap();
    world.broker.locate(address)
}

/// How often something goes before it is refused, of a hundred times.
fn goes<E>(mut once: impl FnMut() -> Result<(), E>) -> usize {
    (0..100).filter(|_| once().is_ok()).count()
}

fn report(broker: &Broker, rule: LimitRule) -> LimitReport {
    let all = broker.describe_limits();
    all.into_iter().find(|report| report.rule == rule).unwrap()
}

async fn register(world: &World, address: &str, number: usize) -> Result<(), RegisterError> {
    let body = format!(r#"{{"redirect_uris":["https://app-{number}.example/callback"]}}"#);
    let caller = at(world, address);
    world
        .broker
        .register(caller, None, body.as_bytes())
        .await
        .map(drop)
}

/// How many of so many registrations from this address go.
async fn registrations(world: &World, address: &str, tried: usize) -> usize {
    let mut gone = 0;
    for number in 0..tried {
        gone += usize::from(register(world, address, number).await.is_ok());
    }
    gone
}

#[tokio::test]
async fn an_address_registers_so_many_clients_and_no_more() {
    let world = world(LimitRule::Registration).await;
    assert_eq!(registrations(&world, "192.0.2.1", 5).await, 3);
    let refused = register(&world, "192.0.2.1", 9).await.unwrap_err();
    assert_eq!(
        (refused.status(), refused.code()),
        (429, OAuthErrorCode::TemporarilyUnavailable)
    );
    let limited = Limited {
        rule: LimitRule::Registration,
        quota: Quota {
            burst: 3,
            per: MINUTE,
        },
        wait: MINUTE,
    };
    assert_eq!(refused.limited(), Some(limited));
    assert_eq!(registrations(&world, "192.0.2.2", 5).await, 3);
    world.advance(MINUTE);
    assert_eq!(registrations(&world, "192.0.2.1", 5).await, 1);
}

#[tokio::test]
async fn a_registration_that_is_refused_anyway_is_not_counted() {
    let world = world(LimitRule::Registration).await;
    for _ in 0..10 {
        let caller = at(&world, "192.0.2.1");
        let refused = world.broker.register(caller, None, b"{}").await.unwrap_err();
        assert_eq!(refused.status(), 400);
    }
    assert_eq!(registrations(&world, "192.0.2.1", 5).await, 3);
}

#[tokio::test]
async fn sixty_four_bits_of_ipv6_share_a_quota() {
    let world = world(LimitRule::Registration).await;
    assert_eq!(registrations(&world, "2001:db8:0:1::1", 2).await, 2);
    assert_eq!(registrations(&world, "2001:db8:0:1:ffff::2", 5).await, 1);
    assert_eq!(registrations(&world, "2001:db8:0:2::1", 5).await, 3);
    assert_eq!(registrations(&world, "::ffff:192.0.2.1", 2).await, 2);
    assert_eq!(registrations(&world, "192.0.2.1", 5).await, 1);
}

#[tokio::test]
async fn an_address_of_a_platform_has_the_quota_of_many_users() {
    let world = world(LimitRule::Registration).await;
    assert_eq!(registrations(&world, "198.51.100.7", 20).await, 12);
    world.advance(MINUTE / 4);
    assert_eq!(registrations(&world, "198.51.100.7", 20).await, 1);
    assert_eq!(registrations(&world, "198.51.101.7", 20).await, 3);
}

#[tokio::test]
async fn of_registrations_at_once_exactly_a_burst_goes() {
    let world = Arc::new(world(LimitRule::Registration).await);
    let tasks: Vec<_> = (0..64)
        .map(|number| {
            let world = world.clone();
            tokio::spawn(async move { register(&world, "192.0.2.1", number).await.is_ok() })
        })
        .collect();
    let mut gone = 0;
    for task in tasks {
        gone += usize::from(task.await.unwrap());
    }
    assert_eq!(gone, 3);
}

#[tokio::test]
async fn replicas_share_what_is_in_the_store() {
    let world = world(LimitRule::ClientSecrets).await;
    for _ in 0..3 {
        assert!(!wrong_secret(&world).await.is_limited());
    }
    let other = world
        .replica_with(secrets("one", &[]), |settings| {
            settings.limits.rule_mut(LimitRule::ClientSecrets).quota = Quota {
                burst: 3,
                per: MINUTE,
            };
        })
        .await;
    assert!(wrong_secret(&other).await.is_limited());
}

#[tokio::test]
async fn a_rule_that_reports_refuses_nothing_and_counts() {
    let world = world_with(LimitRule::Registration, |limits| {
        limits.rule_mut(LimitRule::Registration).mode = LimitMode::Report;
    })
    .await;
    assert_eq!(registrations(&world, "192.0.2.1", 10).await, 10);
    let report = report(&world.broker, LimitRule::Registration);
    assert_eq!((report.allowed, report.limited, report.reported), (3, 0, 7));
}

#[tokio::test]
async fn a_rule_that_is_off_counts_nothing() {
    let world = world_with(LimitRule::Registration, |limits| {
        limits.rule_mut(LimitRule::Registration).mode = LimitMode::Off;
    })
    .await;
    assert_eq!(registrations(&world, "192.0.2.1", 10).await, 10);
    let report = report(&world.broker, LimitRule::Registration);
    assert_eq!((report.allowed, report.limited, report.reported), (0, 0, 0));
}

#[tokio::test]
async fn what_was_let_through_and_refused_is_told_by_rule() {
    let world = world(LimitRule::Pages).await;
    let caller = at(&world, "192.0.2.1");
    assert_eq!(goes(|| world.broker.admit_visitor(caller)), 3);
    let pages = report(&world.broker, LimitRule::Pages);
    assert_eq!((pages.allowed, pages.limited, pages.reported), (3, 97, 0));
    assert_eq!(report(&world.broker, LimitRule::Documents).allowed, 0);
    let rules: Vec<_> = world
        .broker
        .describe_limits()
        .iter()
        .map(|report| report.rule)
        .collect();
    assert_eq!(rules, LimitRule::ALL);
}

#[tokio::test]
async fn what_each_replica_decides_it_decides_by_address_and_class() {
    for rule in [LimitRule::Documents, LimitRule::Pages, LimitRule::Failures] {
        let world = world(rule).await;
        let take = |address| {
            let caller = at(&world, address);
            goes(|| match rule {
                LimitRule::Documents => world.broker.admit_reader(caller),
                LimitRule::Pages => world.broker.admit_visitor(caller),
                _ => world.broker.count_failure(caller),
            })
        };
        assert_eq!(take("192.0.2.1"), 3, "{rule}");
        assert_eq!(take("192.0.2.2"), 3, "{rule}");
        assert_eq!(take("198.51.100.1"), 12, "{rule}");
        world.advance(MINUTE);
        world.broker.tidy_limits();
        assert_eq!(take("192.0.2.1"), 1, "{rule}");
        assert_eq!(take("198.51.100.1"), 4, "{rule}");
    }
}

#[tokio::test]
async fn an_address_that_nobody_knows_is_not_counted() {
    let world = world(LimitRule::Pages).await;
    assert_eq!(goes(|| world.broker.admit_visitor(ClientAddress::default())), 100);
}

/// A world whose store has gone away.
async fn without_store(change: impl FnOnce(&mut LimitSettings)) -> (World, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = Embedded::open(&folder.path().join("store")).unwrap();
    let world = World::on(store, Vec::new(), |settings| change(&mut settings.limits)).await;
    world.store.close().await.unwrap();
    (world, folder)
}

/// What becomes of a wrong secret while the store is away.
async fn wrong_secrets_without_store(outage: Outage, mode: LimitMode, tried: usize) -> Vec<TokenError> {
    let (world, _folder) = without_store(|limits| {
        let rule = limits.rule_mut(LimitRule::ClientSecrets);
        rule.quota = Quota {
            burst: 3,
            per: MINUTE,
        };
        (rule.outage, rule.mode) = (outage, mode);
    })
    .await;
    let mut refused = Vec::new();
    for _ in 0..tried {
        refused.push(wrong_secret(&world).await);
    }
    refused
}

trait IsLimited {
    fn is_limited(&self) -> bool;
}

impl IsLimited for TokenError {
    fn is_limited(&self) -> bool {
        self.limited().is_some()
    }
}

async fn wrong_secret(world: &World) -> TokenError {
    let authorization = basic(WEB, "a guess");
    let pairs = params(&[("grant_type", "refresh_token"), ("refresh_token", "x")]);
    world
        .broker
        .token(Some(&authorization), None, &pairs)
        .await
        .unwrap_err()
}

#[tokio::test]
async fn a_rule_that_fails_closed_lets_nothing_be_guessed_without_the_store() {
    for refused in wrong_secrets_without_store(Outage::Closed, LimitMode::Enforce, 5).await {
        assert_eq!(
            refused.code(),
            OAuthErrorCode::TemporarilyUnavailable,
            "{refused}"
        );
        assert_eq!(refused.status(), 503);
    }
}

#[tokio::test]
async fn a_rule_that_fails_open_counts_nothing_without_the_store() {
    for refused in wrong_secrets_without_store(Outage::Open, LimitMode::Enforce, 10).await {
        assert_eq!(refused.code(), OAuthErrorCode::InvalidClient, "{refused}");
    }
}

#[tokio::test]
async fn a_rule_that_fails_local_counts_for_itself_without_the_store() {
    let refused = wrong_secrets_without_store(Outage::Local, LimitMode::Enforce, 5).await;
    let limited: Vec<bool> = refused.iter().map(IsLimited::is_limited).collect();
    assert_eq!(limited, [false, false, false, true, true]);
}

#[tokio::test]
async fn a_rule_that_only_reports_is_never_closed() {
    for refused in wrong_secrets_without_store(Outage::Closed, LimitMode::Report, 10).await {
        assert_eq!(refused.code(), OAuthErrorCode::InvalidClient, "{refused}");
    }
}

#[tokio::test]
async fn a_right_secret_asks_no_store_for_leave() {
    let (world, _folder) = without_store(|_| {}).await;
    let authorization = basic(WEB, SECRET);
    let pairs = params(&[("grant_type", "refresh_token"), ("refresh_token", "x")]);
    let refused = world
        .broker
        .token(Some(&authorization), None, &pairs)
        .await
        .unwrap_err();
    assert!(matches!(refused, TokenError::RefreshTokenUnknown), "{refused}");
}

#[tokio::test]
async fn a_user_who_asks_for_little_costs_no_call_to_the_store() {
    let quota = Quota {
        burst: 20,
        per: MINUTE,
    };
    let world = World::with(|settings| settings.limits.rule_mut(LimitRule::Issuance).quota = quota).await;
    let tokens = world.tokens().await;
    let next = world
        .refresh(tokens.refresh_token.as_deref().unwrap())
        .await
        .unwrap();
    let single = Quota { burst: 1, ..quota };
    let cell = "issuance:local:alice";
    let verdict = world.store.check_limit(cell, single, world.now()).await.unwrap();
    assert_eq!(verdict, Verdict::Go, "the shared cell is empty");
    // The next one is beyond a tenth, and counted for all.
    world
        .refresh(next.refresh_token.as_deref().unwrap())
        .await
        .unwrap();
    world.advance(MINUTE);
    let verdict = world.store.check_limit(cell, single, world.now()).await.unwrap();
    assert_eq!(verdict, Verdict::Wait(MINUTE));
}

#[tokio::test]
async fn a_user_is_issued_so_many_tokens_and_no_more() {
    let world = World::with(|settings| {
        settings.limits.rule_mut(LimitRule::Issuance).quota = Quota {
            burst: 20,
            per: MINUTE,
        };
    })
    .await;
    let mut tokens = world.tokens().await;
    let mut refreshed = 0;
    let refused = loop {
        match world.refresh(tokens.refresh_token.as_deref().unwrap()).await {
            Ok(next) => tokens = next,
            Err(refused) => break refused,
        }
        refreshed += 1;
        assert!(refreshed < 100, "nobody stops it");
    };
    // A tenth is the replica's own to give; the first token was issued for the code.
    assert_eq!(refreshed, 20 + 2 - 1);
    assert_eq!(
        (refused.status(), refused.limited().unwrap().rule),
        (429, LimitRule::Issuance)
    );
    let bob = |grant: &mut CodeGrant| {
        let identity = Arc::make_mut(&mut grant.identity);
        identity.subject = Subject::of(&identity.provider, "bob").unwrap();
    };
    let other = world.issue_code(bob).await;
    world.redeem(&other).await.expect("another user's tokens");
    // The refresh token is not spent: when it is time, it is good.
    world.advance(MINUTE);
    world
        .refresh(tokens.refresh_token.as_deref().unwrap())
        .await
        .unwrap();
}
