// openid-client, a certified relying party: the broker as an OpenID provider.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

import * as client from 'openid-client';

import { issuer, mcpUrl, register } from './lib/demo.mjs';
import { Person } from './lib/person.mjs';
import { shown } from './lib/shown.mjs';

const redirectUri = 'http://127.0.0.1:41791/callback';
const bye = 'http://127.0.0.1:41791/bye?kept=1';
const registered = await register({
  redirect_uris: [redirectUri],
  post_logout_redirect_uris: [bye],
  grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
  token_endpoint_auth_method: 'client_secret_basic',
});
const config = await client.discovery(
  new URL(issuer),
  registered.client_id,
  undefined,
  client.ClientSecretBasic(registered.client_secret),
  // The demo is on this computer alone; and the signature is to be checked although the token came directly.
  { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] },
);
assert.equal(config.serverMetadata().issuer, issuer);
shown('discovers the OpenID provider');

const verifier = client.randomPKCECodeVerifier();
const [state, nonce] = [client.randomState(), client.randomNonce()];
const url = await client.buildAuthorizationUrlWithPAR(config, {
  redirect_uri: redirectUri,
  scope: 'openid profile email offline_access mcp:read',
  resource: mcpUrl,
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  max_age: '3600',
  state,
  nonce,
});
assert.match(url.searchParams.get('request_uri'), /^urn:ietf:params:oauth:request_uri:/);
assert.equal(url.searchParams.get('scope'), null);
shown('pushes its authorization request');

const person = new Person('alice', 'password123');
const callback = new URL(await person.allow(url.href));
await assert.rejects(
  client.authorizationCodeGrant(config, callback, { pkceCodeVerifier: verifier, expectedState: 'another', expectedNonce: nonce }),
  'a callback for another request is refused by the relying party itself',
);
const tokens = await client.authorizationCodeGrant(config, callback, {
  pkceCodeVerifier: verifier,
  expectedState: state,
  expectedNonce: nonce,
  idTokenExpected: true,
  maxAge: 3600,
});
const identity = tokens.claims();
assert.equal(identity.sub, 'local:alice');
shown('validates the ID token, its signature, nonce and time of login');

const hash = createHash('sha256').update(tokens.access_token).digest().subarray(0, 16).toString('base64url');
assert.equal(identity.at_hash, hash);
shown('finds the access token bound to the ID token');

const user = await client.fetchUserInfo(config, tokens.access_token, identity.sub);
assert.equal(user.sub, identity.sub);
shown('reads the userinfo');

const standing = await client.tokenIntrospection(config, tokens.access_token);
assert.equal(standing.active, true);
assert.equal(standing.sub, identity.sub);
assert.equal([standing.aud].flat()[0], mcpUrl);
assert.deepEqual(await client.tokenIntrospection(config, 'nothing'), { active: false });
shown('introspects a token');

const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
assert.notEqual(refreshed.refresh_token, tokens.refresh_token);
assert.equal((await client.tokenIntrospection(config, refreshed.access_token)).active, true);
shown('refreshes');

const codes = await client.initiateDeviceAuthorization(config, { scope: 'mcp:read', resource: mcpUrl });
const waiting = client.pollDeviceAuthorizationGrant(config, codes);
const done = await person.letIn(codes.verification_uri_complete);
assert.match(done.html, /goes on at your device/);
const device = await waiting;
assert.equal((await client.tokenIntrospection(config, device.access_token)).sub, identity.sub);
shown('lets a device in');

const leaving = client.buildEndSessionUrl(config, {
  id_token_hint: tokens.id_token,
  post_logout_redirect_uri: bye,
  state: 'the-state',
});
assert.equal((await person.open(leaving.href)).leaves, `${bye}&state=the-state`);
assert.match((await person.open(`${issuer}/account`)).html, /not signed in/);
shown('logs the person out, and has the browser back');

await client.tokenRevocation(config, refreshed.refresh_token);
for (const token of [tokens.access_token, refreshed.access_token, refreshed.refresh_token]) {
  assert.deepEqual(await client.tokenIntrospection(config, token), { active: false });
}
await assert.rejects(client.refreshTokenGrant(config, refreshed.refresh_token), { error: 'invalid_grant' });
await assert.rejects(client.fetchUserInfo(config, refreshed.access_token, identity.sub));
shown('revokes, and every token of the session ends');
