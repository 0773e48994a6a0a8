// jose: a verifier that has nothing but the address of the keys.

import assert from 'node:assert/strict';

import { createLocalJWKSet, createRemoteJWKSet, errors, jwtVerify } from 'jose';

import { issuer, mcpUrl } from './lib/demo.mjs';
import { shown } from './lib/shown.mjs';

const [accessToken, idToken, clientId] = process.argv.slice(2);
const keys = createRemoteJWKSet(new URL(`${issuer}/oauth/keys`));
const rules = { issuer, audience: mcpUrl, typ: 'at+jwt', algorithms: ['ES256'], requiredClaims: ['sub', 'exp', 'jti', 'sid'] };

const { payload, protectedHeader } = await jwtVerify(accessToken, keys, rules);
assert.equal(payload.client_id, clientId);
assert.match(payload.scope, /mcp:read/);
shown('verifies an access token');

const { payload: identity } = await jwtVerify(idToken, keys, { issuer, audience: clientId, algorithms: ['ES256'] });
assert.equal(identity.sub, payload.sub);
shown('verifies an ID token');

await assert.rejects(jwtVerify(idToken, keys, rules), errors.JWTClaimValidationFailed);
await assert.rejects(jwtVerify(accessToken, keys, { ...rules, audience: 'https://elsewhere.example/mcp' }), errors.JWTClaimValidationFailed);
const last = accessToken.at(-10);
const changed = accessToken.slice(0, -10) + (last === 'A' ? 'B' : 'A') + accessToken.slice(-9);
await assert.rejects(jwtVerify(changed, keys, rules), errors.JWSSignatureVerificationFailed);
shown('refuses the wrong kind, the wrong audience and a changed signature');

const published = await (await fetch(`${issuer}/oauth/keys`)).json();
assert.ok(published.keys.some(({ kid }) => kid === protectedHeader.kid));
for (const key of published.keys) {
  assert.deepEqual(['d', 'p', 'q', 'k'].filter((member) => member in key), [], 'no private part is published');
}
await jwtVerify(accessToken, createLocalJWKSet(published), rules);
shown('finds public keys alone');
