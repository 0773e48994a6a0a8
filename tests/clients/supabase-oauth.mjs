// The stand-in's OAuth server: before it openid-client, a certified relying party, and on its operator's consent page
// Supabase's own client, whose package lives with the identity providers.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

import * as client from 'openid-client';

import { shown } from './lib/shown.mjs';

const { AuthClient } = createRequire(new URL('../upstreams/package.json', import.meta.url))('@supabase/auth-js');

const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI } = process.env;
const issuer = `${SUPABASE_URL}/auth/v1`;

function good({ data, error }) {
  assert.equal(error, null, error?.message);
  return data;
}

/** Somebody who is signed in on the operator's own page. */
async function person(email, password) {
  const auth = new AuthClient({
    url: issuer,
    headers: { apikey: SUPABASE_PUBLISHABLE_KEY },
    autoRefreshToken: false,
    persistSession: false,
  });
  good(await auth.signInWithPassword({ email, password }));
  return auth.oauth;
}

const [ada, mia] = [await person('ada@example.com', 'correct horse'), await person('mia@example.com', 'pw')];
const config = await client.discovery(
  new URL(issuer),
  CLIENT_ID,
  { id_token_signed_response_alg: 'ES256' },
  client.ClientSecretPost(CLIENT_SECRET),
  { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] },
);
assert.equal(config.serverMetadata().issuer, issuer);
shown('is discovered');

/** Sends the browser to authorize: the request that the operator's page is to ask about, and what it binds. */
async function begin(parameters = {}) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT_URI,
    scope: 'openid profile email offline_access',
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
    ...parameters,
  });
  const answer = await fetch(url, { redirect: 'manual' });
  const to = answer.headers.get('location') && new URL(answer.headers.get('location'));
  return { to, id: to?.searchParams.get('authorization_id'), checks: { pkceCodeVerifier, expectedState, expectedNonce } };
}

const asked = await begin();
const details = good(await ada.getAuthorizationDetails(asked.id));
assert.deepEqual([details.client.id, details.user.email], [CLIENT_ID, 'ada@example.com']);
const stranger = await mia.getAuthorizationDetails(asked.id);
assert.equal(stranger.error?.code, 'oauth_authorization_not_found');
const { redirect_url: back } = good(await ada.approveAuthorization(asked.id, { skipBrowserRedirect: true }));
shown("is consented to with Supabase's own client");

const checks = { ...asked.checks, idTokenExpected: true };
await assert.rejects(
  client.authorizationCodeGrant(config, new URL(back), { ...checks, pkceCodeVerifier: client.randomPKCECodeVerifier() }),
  { error: 'invalid_grant' },
);
const tokens = await client.authorizationCodeGrant(config, new URL(back), checks);
const identity = tokens.claims();
assert.deepEqual([identity.sub, identity.email, identity.email_verified], [details.user.id, 'ada@example.com', true]);
await assert.rejects(client.authorizationCodeGrant(config, new URL(back), checks), { error: 'invalid_grant' });
shown('issues an ID token that holds, for a code that is good once');

const told = await client.fetchUserInfo(config, tokens.access_token, identity.sub);
assert.equal(told.email, 'ada@example.com');
shown('tells about the user');

const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
assert.equal(refreshed.id_token, undefined);
assert.notEqual(refreshed.refresh_token, tokens.refresh_token);
assert.equal((await client.fetchUserInfo(config, refreshed.access_token, identity.sub)).sub, identity.sub);
shown('refreshes without an ID token');

const refused = await begin();
good(await mia.getAuthorizationDetails(refused.id));
const { redirect_url: denied } = good(await mia.denyAuthorization(refused.id, { skipBrowserRedirect: true }));
await assert.rejects(client.authorizationCodeGrant(config, new URL(denied), refused.checks), { error: 'access_denied' });
const unknown = await begin({ scope: 'openid mcp:read' });
assert.equal(unknown.to.searchParams.get('error'), 'invalid_request');
assert.equal((await begin({ redirect_uri: 'https://elsewhere.example/' })).to, null);
shown('refuses what it must');
