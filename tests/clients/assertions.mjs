// jose, oauth4webapi and openid-client as clients that prove themselves, with each algorithm that the broker names.

import assert from 'node:assert/strict';

import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';

import { issuer, mcpUrl, register } from './lib/demo.mjs';
import { shown } from './lib/shown.mjs';

const redirectUri = 'http://127.0.0.1/callback';
const request = {
  response_type: 'code',
  redirect_uri: redirectUri,
  scope: 'mcp:read',
  resource: mcpUrl,
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
};
const insecure = { [oauth.allowInsecureRequests]: true };
const discovered = await oauth.discoveryRequest(new URL(issuer), { algorithm: 'oauth2', ...insecure });
const server = await oauth.processDiscoveryResponse(new URL(issuer), discovered);

/** A client that has registered the public half of a new key. */
async function enrol(alg) {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const registered = await register({
    client_name: `A test with ${alg}`,
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: alg,
    jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: alg, alg, use: 'sig' }] },
  });
  return { id: registered.client_id, key: { key: privateKey, kid: alg } };
}

/** Pushes an authorization request, which takes a client that has proven itself. */
async function push(id, assertion) {
  const proof = { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: assertion };
  const body = new URLSearchParams({ ...request, client_id: id, ...proof });
  const answer = await fetch(server.pushed_authorization_request_endpoint, { method: 'POST', body });
  return { status: answer.status, ...(await answer.json()) };
}

function sign(id, { key, kid }, alg) {
  return new SignJWT({ jti: crypto.randomUUID() })
    .setProtectedHeader({ alg, kid, typ: 'client-authentication+jwt' })
    .setIssuer(id)
    .setSubject(id)
    .setAudience(issuer)
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(key);
}

const names = { RS256: ['RS256'], PS256: ['PS256'], ES256: ['ES256'], Ed25519: ['Ed25519', 'EdDSA'] };
const wanted = new Set(server.token_endpoint_auth_signing_alg_values_supported);
assert.deepEqual(new Set(Object.values(names).map((all) => all.at(-1))), wanted, 'what the broker names is what is tried');
for (const [alg, headers] of Object.entries(names)) {
  const { id, key } = await enrol(alg);
  for (const header of headers) {
    assert.equal((await push(id, await sign(id, key, header))).status, 201, header);
  }
  const other = await enrol(alg);
  const { status, error } = await push(id, await sign(id, { ...other.key, kid: alg }, alg));
  assert.deepEqual([status, error], [401, 'invalid_client']);
  shown(`jose proves a client with ${alg}`);

  const proof = oauth.PrivateKeyJwt(key);
  const pushed = await oauth.pushedAuthorizationRequest(server, { client_id: id }, proof, new URLSearchParams(request), insecure);
  const { request_uri } = await oauth.processPushedAuthorizationResponse(server, { client_id: id }, pushed);
  assert.match(request_uri, /^urn:ietf:params:oauth:request_uri:/);
  shown(`oauth4webapi proves a client with ${alg}`);

  const config = new client.Configuration(server, id, undefined, client.PrivateKeyJwt(key));
  client.allowInsecureRequests(config);
  const url = await client.buildAuthorizationUrlWithPAR(config, request);
  assert.match(url.searchParams.get('request_uri'), /^urn:ietf:params:oauth:request_uri:/);
  shown(`openid-client proves a client with ${alg}`);
}
