//! Keys that rotate among replicas, some of which sleep, and verifiers that hold the key set for as long as they may.

use std::collections::BTreeSet;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use vestibule_broker::Broker;
use vestibule_jose::{AccessTokenClaims, Expected, Jwks, TokenType, VerifyingKeys, verify};
use vestibule_protocol::{Issuer, Timestamp};

use crate::fixture::{ISSUER, World, secrets};

const STEPS: usize = 400;
const VERIFIERS: usize = 6;

#[tokio::test]
async fn no_verifier_refuses_a_token_while_keys_rotate_among_replicas() {
    for seed in 0..3 {
        let mut scene = Scene::open(seed).await;
        for _ in 0..STEPS {
            scene.step().await;
        }
        assert!(
            scene.signed_by.len() > 3,
            "seed {seed}: {} keys signed",
            scene.signed_by.len()
        );
    }
}

struct Scene {
    random: StdRng,
    replicas: Vec<Replica>,
    verifiers: Vec<Verifier>,
    tokens: Vec<Token>,
    signed_by: BTreeSet<String>,
}

struct Replica {
    world: World,
    ticks_at: Timestamp,
    wakes_at: Timestamp,
}

/// An MCP server with a key set that it fetched at some time.
struct Verifier {
    keys: VerifyingKeys,
    good_until: Timestamp,
}

struct Token {
    text: String,
    expires_at: Timestamp,
}

impl Scene {
    async fn open(seed: u64) -> Self {
        let first = World::new().await;
        let others = [
            first.replica(secrets("one", &[])).await,
            first.replica(secrets("one", &[])).await,
        ];
        let now = first.now();
        let awake = |world| Replica {
            world,
            ticks_at: now,
            wakes_at: now,
        };
        let replicas: Vec<_> = [first].into_iter().chain(others).map(awake).collect();
        let mut verifiers = Vec::new();
        for _ in 0..VERIFIERS {
            verifiers.push(fetched(&replicas[0].world.broker).await);
        }
        Self {
            random: StdRng::seed_from_u64(seed),
            replicas,
            verifiers,
            tokens: Vec::new(),
            signed_by: BTreeSet::new(),
        }
    }

    async fn step(&mut self) {
        let passed = self.random.random_range(5..45);
        self.replicas[0].world.advance(Duration::from_secs(passed));
        let now = self.replicas[0].world.now();
        // What wakes up is asked before it has looked around.
        self.serve(now).await;
        for replica in &mut self.replicas {
            if replica.wakes_at <= now && replica.ticks_at <= now {
                replica.world.broker.tick().await.expect("a tick");
                replica.ticks_at = now + Broker::TICK;
            }
        }
        if self.random.random_ratio(1, 12) {
            self.awake(now).broker.rotate_keys().await.expect("a rotation");
        }
        if self.random.random_ratio(1, 15) && self.replicas.iter().all(|replica| replica.wakes_at <= now) {
            let sleeper = self.random.random_range(0..self.replicas.len());
            let slept = self.random.random_range(60..6 * 60 * 60);
            self.replicas[sleeper].wakes_at = now + Duration::from_secs(slept);
        }
    }

    /// One token is issued, and every verifier looks at some of those that live.
    async fn serve(&mut self, now: Timestamp) {
        let issued = self.awake(now).tokens().await;
        let claims = self.awake(now).read(&issued.access_token).await;
        let header = issued.access_token.split('.').next().expect("a header");
        self.signed_by.insert(header.to_owned());
        self.tokens.retain(|token| now < token.expires_at);
        self.tokens.push(Token {
            text: issued.access_token,
            expires_at: claims.exp,
        });
        let expected = Expected::new(Issuer::parse(ISSUER).unwrap(), TokenType::AccessToken);
        for number in 0..self.verifiers.len() {
            if self.verifiers[number].good_until <= now {
                self.verifiers[number] = fetched(&self.awake(now).broker).await;
            }
            let newest = self.tokens.last();
            for token in newest.into_iter().chain(self.tokens.choose(&mut self.random)) {
                let verified =
                    verify::<AccessTokenClaims>(&token.text, &self.verifiers[number].keys, &expected, now);
                assert!(verified.is_ok(), "{:?}", verified.err());
            }
        }
    }

    fn awake(&mut self, now: Timestamp) -> &World {
        let awake: Vec<_> = self
            .replicas
            .iter()
            .filter(|replica| replica.wakes_at <= now)
            .collect();
        &awake
            .choose(&mut self.random)
            .expect("a replica that is awake")
            .world
    }
}

async fn fetched(broker: &Broker) -> Verifier {
    let published = broker.published_keys().await;
    let jwks: Jwks = serde_json::from_slice(&published.body).expect("a key set");
    Verifier {
        keys: VerifyingKeys::from_jwks(&jwks),
        good_until: broker.now() + published.max_age,
    }
}
