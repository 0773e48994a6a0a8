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

const initialize = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'A prover', version: '1.0.0' } },
});
const asMcp = () => new Headers({ accept: 'application/json, text/event-stream', 'content-type': 'application/json' });
const prover = await client.discovery(
  new URL(issuer),
  (await register({ redirect_uris: [redirectUri], grant_types: ['authorization_code', 'refresh_token'], token_endpoint_auth_method: 'none' })).client_id,
  undefined,
  client.None(),
  { execute: [client.allowInsecureRequests] },
);
const answers = [];
prover[client.customFetch] = async (...request) => {
  const answer = await fetch(...request);
  answers.push({ path: new URL(answer.url).pathname, status: answer.status });
  return answer;
};
for (const alg of ['ES256', 'Ed25519']) {
  answers.length = 0;
  assert.ok(prover.serverMetadata().dpop_signing_alg_values_supported.length > 0);
  const [owner, thief] = [
    client.getDPoPHandle(prover, await client.randomDPoPKeyPair(alg)),
    client.getDPoPHandle(prover, await client.randomDPoPKeyPair(alg)),
  ];
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const expectedState = client.randomState();
  const begun = client.buildAuthorizationUrl(prover, {
    redirect_uri: redirectUri,
    scope: 'mcp:read offline_access',
    resource: mcpUrl,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    dpop_jkt: await owner.calculateThumbprint(),
  });
  const back = new URL(await person.allow(begun.href));
  const bound = await client.authorizationCodeGrant(prover, back, { pkceCodeVerifier, expectedState }, undefined, { DPoP: owner });
  assert.equal(bound.token_type, 'dpop');
  const next = await client.refreshTokenGrant(prover, bound.refresh_token, undefined, { DPoP: owner });
  assert.equal(next.token_type, 'dpop');
  const call = (token, DPoP) =>
    client.fetchProtectedResource(prover, token, new URL(mcpUrl), 'POST', initialize, asMcp(), { DPoP });
  for (const token of [bound.access_token, next.access_token]) {
    const answer = await call(token, owner);
    assert.equal(answer.status, 200);
    await answer.body?.cancel();
  }
  // Each of both servers asked for its own nonce, once.
  const statuses = (path) => answers.filter((answer) => answer.path === path).map(({ status }) => status);
  assert.deepEqual(statuses('/oauth/token'), [400, 200, 200]);
  assert.deepEqual(statuses(new URL(mcpUrl).pathname), [401, 200, 200]);
  await assert.rejects(call(next.access_token, thief), challenged('dpop', 'invalid_token'));
  await assert.rejects(call(next.access_token), challenged('dpop', 'invalid_token'));
  await assert.rejects(client.refreshTokenGrant(prover, next.refresh_token, undefined, { DPoP: thief }), { error: 'invalid_grant' });
  await assert.rejects(client.refreshTokenGrant(prover, next.refresh_token), ({ error }) => /^invalid_(grant|dpop_proof)$/.test(error));
  shown(`proves its ${alg} key: code, refresh, MCP call`);
}

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

/** The error of a resource that asks for a token in this scheme. */
function challenged(scheme, error) {
  return ({ cause }) => cause.some((challenge) => challenge.scheme === scheme && challenge.parameters.error === error);
}
