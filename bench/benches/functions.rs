//! Minting, verifying and the checks of an authorization request, each beside the bare cryptography.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark fails by panicking; criterion's macros make undocumented items"
)]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use vestibule_bench::bare::Signer;
use vestibule_bench::world::{CLIENT, ISSUER, InProcess, RESOURCE, World, authorization, refresh};
use vestibule_broker::Browser;
use vestibule_guard::Guard;
use vestibule_jose::{AccessTokenClaims, Algorithm, Expected, Jwks, TokenType, VerifyingKeys, verify};
use vestibule_keyring::{KeyDocument, Keyring, RotationPolicy};
use vestibule_protocol::{Issuer, Params, ResourceUri};

fn minting(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (_, claims) = token_and_claims(&runtime);
    let size = serde_json::to_vec(&claims).unwrap().len() * 4 / 3 + 90;
    let mut group = criterion.benchmark_group("minting");
    let bare = Signer::new();
    let message = vec![b'x'; size];
    group.bench_function("bare ES256 signature", |b| {
        b.iter(|| black_box(bare.sign(&message)));
    });
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256] {
        let now = claims.iat;
        let document = KeyDocument::create(
            &RotationPolicy {
                algorithm,
                ..policy()
            },
            now,
        )
        .unwrap();
        let keyring = Keyring::from_document(&document).unwrap();
        group.bench_function(format!("access token, {algorithm}"), |b| {
            b.iter(|| black_box(keyring.signer().sign(TokenType::AccessToken, &claims).unwrap()));
        });
    }
    group.finish();
}

fn verifying(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(World::in_memory());
    let (token, claims) = runtime.block_on(first_token(&world));
    let message = token.rsplit_once('.').unwrap().0.as_bytes().to_vec();
    let bare = Signer::new();
    let signature = bare.sign(&message);
    let mut group = criterion.benchmark_group("verifying");
    group.bench_function("bare ES256 verification", |b| {
        b.iter(|| bare.verify(&message, black_box(&signature)));
    });

    let published = runtime.block_on(world.broker.published_keys());
    let jwks: Jwks = serde_json::from_slice(&published.body).unwrap();
    let keys = VerifyingKeys::from_jwks(&jwks);
    let expected =
        Expected::new(Issuer::parse(ISSUER).unwrap(), TokenType::AccessToken).for_audience(RESOURCE);
    group.bench_function("access token", |b| {
        b.iter(|| verify::<AccessTokenClaims>(black_box(&token), &keys, &expected, claims.iat).unwrap());
    });

    // A guard that remembers one token and is shown many in turns has never seen any of them.
    let many: Vec<String> = runtime.block_on(async {
        let mut many = Vec::new();
        for _ in 0..256 {
            many.push(first_token(&world).await.0);
        }
        many
    });
    for (name, remembered, shown) in [
        ("guard, token not seen", 1, many.as_slice()),
        ("guard, token seen", 1024, std::slice::from_ref(&token)),
    ] {
        let guard = Guard::builder(
            ResourceUri::parse(RESOURCE).unwrap(),
            Issuer::parse(ISSUER).unwrap(),
        )
        .fetch(Arc::new(InProcess(world.app.clone())))
        .remembered_tokens(remembered)
        .build()
        .unwrap();
        let _inside = runtime.enter();
        runtime
            .block_on(guard.authenticate(&token))
            .expect("a good token");
        let mut turns = shown.iter().cycle();
        group.bench_function(name, |b| {
            b.iter(|| {
                let token = turns.next().unwrap();
                runtime.block_on(guard.authenticate(black_box(token))).unwrap()
            });
        });
    }
    group.finish();
}

fn refreshing(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(World::in_memory());
    let browser = runtime.block_on(world.agreed_browser());
    let mut token = runtime.block_on(world.tokens(&browser)).refresh_token.unwrap();
    let mut group = criterion.benchmark_group("refreshing");
    group.bench_function("refresh, without HTTP", |b| {
        b.iter(|| {
            let form = Params::parse_form(refresh(&token).as_bytes()).unwrap();
            let answer = runtime.block_on(world.broker.token(None, None, &form)).unwrap();
            token = answer.refresh_token.unwrap();
        });
    });
    group.finish();
}

fn authorizing(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(World::in_memory());
    let browser = runtime.block_on(world.agreed_browser());
    let good = authorization();
    let wrong: Params = good
        .iter()
        .map(|(name, value)| {
            (
                name.to_owned(),
                if name == "scope" { "none:such" } else { value }.to_owned(),
            )
        })
        .collect();
    let stranger = Browser::default();
    let mut group = criterion.benchmark_group("authorizing");
    group.bench_function("checks, to a refusal at the last one", |b| {
        b.iter(|| {
            runtime
                .block_on(world.broker.authorize(black_box(&wrong), &stranger))
                .unwrap_err()
        });
    });
    group.bench_function("checks and code, for a user who has agreed", |b| {
        b.iter_batched(
            || (),
            |()| {
                runtime
                    .block_on(world.broker.authorize(black_box(&good), &browser))
                    .unwrap()
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

fn token_and_claims(runtime: &tokio::runtime::Runtime) -> (String, AccessTokenClaims) {
    let world = runtime.block_on(World::in_memory());
    runtime.block_on(first_token(&world))
}

async fn first_token(world: &World) -> (String, AccessTokenClaims) {
    let browser = world.agreed_browser().await;
    let token = world.tokens(&browser).await.access_token;
    let jwks: Jwks = serde_json::from_slice(&world.broker.published_keys().await.body).unwrap();
    let expected = Expected::new(Issuer::parse(ISSUER).unwrap(), TokenType::AccessToken);
    let claims: AccessTokenClaims = verify(
        &token,
        &VerifyingKeys::from_jwks(&jwks),
        &expected,
        world.broker.now(),
    )
    .unwrap();
    assert_eq!(claims.client_id.as_str(), CLIENT.0);
    (token, claims)
}

fn policy() -> RotationPolicy {
    use std::time::Duration;
    RotationPolicy {
        algorithm: Algorithm::Es256,
        active_for: Duration::from_secs(30 * 86400),
        publish_ahead: Duration::from_secs(86400),
        keep_retired_for: Duration::from_secs(7200),
        cache_life: Duration::from_secs(300),
    }
}

criterion_group!(benches, minting, verifying, refreshing, authorizing);
criterion_main!(benches);
