// openid-client and jose as a client that is known by its document and proves itself with a key, as ChatGPT's does.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';

import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import * as client from 'openid-client';

import { issuer, mcpUrl } from './lib/demo.mjs';
import { Person } from './lib/person.mjs';
import { shown } from './lib/shown.mjs';

const keys = await generateKeyPair('RS256', { extractable: true });
const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
const served = { documents: 0, keys: 0 };
const host = createServer((request, response) => {
  const answers = { '/client.json': document, '/jwks.json': { keys: [jwk] } };
  const answer = answers[request.url];
  served[request.url === '/jwks.json' ? 'keys' : 'documents'] += 1;
  response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? {}));
}).listen(0, '127.0.0.1');
await once(host, 'listening');
const base = `http://127.0.0.1:${host.address().port}`;
const redirectUri = 'http://127.0.0.1/callback';
const document = {
  client_id: `${base}/client.json`,
  client_name: 'A test with a document',
  redirect_uris: [redirectUri],
  grant_types: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
  token_endpoint_auth_signing_alg: 'RS256',
  jwks_uri: `${base}/jwks.json`,
};

const config = await client.discovery(
  new URL(issuer),
  document.client_id,
  undefined,
  client.PrivateKeyJwt({ key: keys.privateKey, kid: 'one' }),
  { execute: [client.allowInsecureRequests] },
);
const metadata = config.serverMetadata();
assert.equal(metadata.client_id_metadata_document_supported, true);
assert.ok(metadata.token_endpoint_auth_methods_supported.includes('none'));
assert.ok(metadata.token_endpoint_auth_signing_alg_values_supported.includes('RS256'));
shown('finds that documents and keys are taken');

const verifier = client.randomPKCECodeVerifier();
const state = client.randomState();
const url = client.buildAuthorizationUrl(config, {
  redirect_uri: redirectUri.replace('127.0.0.1', '127.0.0.1:41792'),
  scope: 'mcp:read offline_access',
  resource: mcpUrl,
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  state,
});
const callback = new URL(await new Person('ada', 'correct horse').allow(url.href));
const tokens = await client.authorizationCodeGrant(config, callback, { pkceCodeVerifier: verifier, expectedState: state });
assert.equal(JSON.parse(Buffer.from(tokens.access_token.split('.')[1], 'base64url')).client_id, document.client_id);
shown('logs in by its document and redeems the code with its key');

const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
shown('refreshes with its key');

async function refresh(proof) {
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshed.refresh_token, ...proof });
  const answer = await fetch(metadata.token_endpoint, { method: 'POST', body });
  return { status: answer.status, ...(await answer.json()) };
}
const kind = { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' };
const assertion = (audience, key = keys.privateKey) =>
  new SignJWT({ jti: crypto.randomUUID() })
    .setProtectedHeader({ alg: 'RS256', kid: 'one', typ: 'client-authentication+jwt' })
    .setIssuer(document.client_id)
    .setSubject(document.client_id)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(key);
const forged = (await generateKeyPair('RS256')).privateKey;
for (const refused of [
  { client_id: document.client_id },
  { ...kind, client_assertion: await assertion(metadata.token_endpoint) },
  { ...kind, client_assertion: await assertion(issuer, forged) },
]) {
  const { status, error } = await refresh(refused);
  assert.deepEqual([status, error], [401, 'invalid_client']);
}
const single = { ...kind, client_assertion: await assertion(issuer) };
assert.equal((await refresh(single)).status, 200);
assert.equal((await refresh(single)).error, 'invalid_client');
shown('is nobody without its key, and an assertion is good once');

await client.tokenRevocation(config, refreshed.refresh_token);
assert.equal((await refresh({ ...kind, client_assertion: await assertion(issuer) })).error, 'invalid_grant');
shown('revokes with its key');

assert.deepEqual(served, { documents: 1, keys: 1 });
shown('is asked for its document and its keys once');
host.close();
