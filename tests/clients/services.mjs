// Who comes without a person: services with a secret or a key, an enterprise's word for its user, and a workload; with the official
// SDK's own providers, openid-client and jose.
//
// The argument is the port at which the service's document and the issuers' keys are expected.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

import {
  Client,
  ClientCredentialsProvider,
  CrossAppAccessProvider,
  PrivateKeyJwtProvider,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { SignJWT, createRemoteJWKSet, exportJWK, exportPKCS8, generateKeyPair, jwtVerify } from 'jose';
import * as openid from 'openid-client';

import { issuer, mcpUrl } from './lib/demo.mjs';
import { shown } from './lib/shown.mjs';

const [port] = process.argv.slice(2);
const base = `http://127.0.0.1:${port}`;
const [corp, ci] = [base, `${base}/ci`];
const documentId = `${base}/service.json`;
const [clientId, clientSecret] = ['nightly', 'a long random secret'];

const keys = await generateKeyPair('ES256', { extractable: true });
const forged = await generateKeyPair('ES256', { extractable: true });
const jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), alg: 'ES256', use: 'sig' }] };
const served = new Map();
const answers = {
  '/service.json': {
    client_id: documentId,
    client_name: 'A service with a key',
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'private_key_jwt',
    jwks_uri: `${base}/jwks.json`,
  },
  '/jwks.json': jwks,
  // One issuer speaks RFC 8414 alone, the other OpenID Connect.
  '/.well-known/oauth-authorization-server': {
    issuer: corp,
    jwks_uri: `${base}/corp-keys`,
    token_endpoint: `${base}/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post'],
  },
  '/ci/.well-known/openid-configuration': { issuer: ci, jwks_uri: `${base}/ci-keys` },
  '/corp-keys': jwks,
  '/ci-keys': jwks,
};
const host = createServer(async (request, response) => {
  const answer = request.method === 'POST' ? await vouch(new URLSearchParams(await text(request))) : answers[request.url];
  served.set(request.url, (served.get(request.url) ?? 0) + 1);
  response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? {}));
}).listen(Number(port), '127.0.0.1');
await once(host, 'listening');

const discover = (id, authentication) =>
  openid.discovery(new URL(issuer), id, undefined, authentication, { execute: [openid.allowInsecureRequests] });
const post = await discover(clientId, openid.ClientSecretPost(clientSecret));
const metadata = post.serverMetadata();
for (const grant of ['client_credentials', 'urn:ietf:params:oauth:grant-type:jwt-bearer']) {
  assert.ok(metadata.grant_types_supported.includes(grant), grant);
}
assert.ok(metadata.token_endpoint_auth_methods_supported.includes('private_key_jwt'));
assert.ok(metadata.token_endpoint_auth_signing_alg_values_supported.includes('ES256'));
assert.deepEqual(metadata.authorization_grant_profiles_supported, ['urn:ietf:params:oauth:grant-profile:id-jag']);
shown('finds that services, enterprises and workloads are served');

async function profileOf(authProvider) {
  const client = new Client({ name: 'A service', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(mcpUrl), { authProvider }));
  const answer = await client.callTool({ name: 'get_user_profile', arguments: {} });
  await client.close();
  assert.ok(!answer.isError, JSON.stringify(answer));
  return answer.structuredContent;
}

const withSecret = new ClientCredentialsProvider({ clientId, clientSecret, expectedIssuer: issuer });
const service = await profileOf(withSecret);
assert.deepEqual([service.subject, service.client_id], [`client:${clientId}`, clientId]);
assert.deepEqual(service.scopes, ['mcp:read']);
assert.equal(withSecret.tokens().refresh_token, undefined);
shown('calls a tool as a service with a secret');

const withKey = (key) =>
  new PrivateKeyJwtProvider({ clientId: documentId, privateKey: key, algorithm: 'ES256', expectedIssuer: issuer });
await assert.rejects(profileOf(withKey(await exportPKCS8(forged.privateKey))));
const keyed = await profileOf(withKey(await exportPKCS8(keys.privateKey)));
assert.equal(keyed.subject, `client:${documentId}`);
shown('calls a tool as a service with a document and a key');

const basic = await discover(clientId, openid.ClientSecretBasic(clientSecret));
const jwt = await discover(documentId, openid.PrivateKeyJwt(keys.privateKey));
for (const [config, scope] of [
  [post, 'mcp:read'],
  [basic, 'mcp:read'],
  [jwt, 'mcp:write'],
]) {
  const tokens = await openid.clientCredentialsGrant(config, { resource: mcpUrl, scope });
  assert.equal(tokens.scope, scope);
  assert.equal(tokens.refresh_token ?? tokens.id_token, undefined);
}
for (const [parameters, error] of [
  [{ resource: mcpUrl, scope: 'mcp:write' }, 'invalid_scope'],
  [{ resource: mcpUrl, scope: 'openid mcp:read' }, 'invalid_scope'],
  [{ resource: 'https://elsewhere.example/mcp' }, 'invalid_target'],
]) {
  await assert.rejects(openid.clientCredentialsGrant(post, parameters), { error });
}
shown('is granted what the operator wrote down, and nothing else');

const own = await openid.clientCredentialsGrant(post, { resource: mcpUrl });
const ask = (endpoint, body, headers = {}) => fetch(endpoint, { method: 'POST', body: new URLSearchParams(body), headers });
const credentials = { client_id: clientId, client_secret: clientSecret };
const signed = await ask(
  metadata.introspection_endpoint,
  { ...credentials, token: own.access_token },
  { accept: 'application/token-introspection+jwt' },
);
assert.equal(signed.headers.get('content-type'), 'application/token-introspection+jwt');
const published = createRemoteJWKSet(new URL(metadata.jwks_uri));
const expected = { issuer, audience: clientId, typ: 'token-introspection+jwt' };
const verified = await jwtVerify(await signed.text(), published, expected);
assert.equal(verified.payload.token_introspection.active, true);
assert.equal(verified.payload.token_introspection.sub, `client:${clientId}`);
assert.equal(verified.payload.sub ?? verified.payload.exp, undefined);
assert.equal((await fetch(metadata.userinfo_endpoint, { headers: { authorization: `Bearer ${own.access_token}` } })).status, 403);
await openid.tokenRevocation(post, own.access_token);
assert.deepEqual(await openid.tokenIntrospection(post, own.access_token), { active: false });
shown('verifies a signed introspection answer, and revokes');

const sign = (claims, typ, key = keys.privateKey) =>
  new SignJWT({ jti: crypto.randomUUID(), ...claims })
    .setProtectedHeader({ alg: 'ES256', typ })
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(key);
const idJag = (changes, key) =>
  sign(
    { iss: corp, sub: 'ada', aud: issuer, client_id: clientId, resource: mcpUrl, scope: 'mcp:read mcp:admin', ...changes },
    'oauth-id-jag+jwt',
    key,
  );
const enterprise = new CrossAppAccessProvider({
  clientId,
  clientSecret,
  expectedIssuer: issuer,
  assertion: ({ resourceUrl }) => idJag({ resource: resourceUrl }),
});
const ada = await profileOf(enterprise);
assert.deepEqual([ada.subject, ada.client_id], ['local:ada', clientId]);
assert.deepEqual(ada.scopes, ['mcp:read'], 'policy gives no mcp:admin');
shown('calls a tool for the user of a trusted enterprise');

async function refused(body, error = 'invalid_grant') {
  const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
  const answer = await ask(metadata.token_endpoint, { grant_type: grant, ...body });
  assert.deepEqual([answer.status, (await answer.json()).error], [error === 'invalid_client' ? 401 : 400, error]);
}
for (const assertion of [
  await idJag({}, forged.privateKey),
  await idJag({ aud: metadata.token_endpoint }),
  await idJag({ client_id: documentId }),
  await idJag({ iss: ci }),
  await sign({ iss: corp, sub: 'ada', aud: issuer, client_id: clientId }, 'JWT'),
]) {
  await refused({ ...credentials, assertion });
}
const spent = await idJag({});
const shownOnce = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', ...credentials, assertion: spent };
assert.equal((await ask(metadata.token_endpoint, shownOnce)).status, 200);
await refused({ ...credentials, assertion: spent });
await refused({ assertion: await idJag({}) }, 'invalid_client');
shown('is refused an assertion that is forged, for others, or used before');

const workload = (changes, key) =>
  sign({ iss: ci, sub: 'repo:acme/web:ref:refs/heads/main', aud: issuer, repository_owner: 'acme', ...changes }, 'JWT', key);
for (const assertion of [
  await workload({}, forged.privateKey),
  await workload({ sub: 'repo:acme/web:ref:refs/heads/dev' }),
  await workload({ repository_owner: 'evil' }),
]) {
  await refused({ assertion, resource: mcpUrl });
}
const grant = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: await workload({}), resource: mcpUrl };
const tokens = await (await ask(metadata.token_endpoint, grant)).json();
assert.equal(tokens.token_type, 'Bearer');
const build = await profileOf({ token: async () => tokens.access_token });
assert.equal(build.subject, 'ci:repo:acme/web:ref:refs/heads/main');
assert.deepEqual(build.scopes, ['mcp:read']);
shown('calls a tool as a workload of a trusted platform');

for (const [place, times] of Object.entries({
  '/service.json': 1,
  '/jwks.json': 2,
  '/.well-known/oauth-authorization-server': 2,
  '/ci/.well-known/openid-configuration': 2,
  '/corp-keys': 2,
  '/ci-keys': 2,
})) {
  assert.ok((served.get(place) ?? 0) >= 1 && served.get(place) <= times, `${place}: ${served.get(place)}`);
}
shown('is asked for documents and keys once, and once more where a signature fits none');

// The program's own client, with tokens that are bound to a key of its own.
const home = await mkdtemp(join(tmpdir(), 'services-'));
const program = (...words) => promisify(execFile)(process.env.PROGRAM, words, { env: { HOME: home, CORP_SECRET: 'of nightly' } });
async function keep(name, text) {
  await writeFile(join(home, name), text, { mode: 0o600 });
  return join(home, name);
}
async function comesIn(...words) {
  const { stderr } = await program('login', mcpUrl, ...words);
  assert.match(stderr, /bound to a key/);
  const { stdout } = await program('call', mcpUrl, 'get_user_profile', '--json');
  return JSON.parse(stdout).structuredContent;
}

const asService = ['--client-credentials', '--client-id', documentId, '--client-key-file'];
await assert.rejects(program('login', mcpUrl, ...asService, await keep('forged', await exportPKCS8(forged.privateKey))), /invalid_client/);
const keyedService = await comesIn(...asService, await keep('key', await exportPKCS8(keys.privateKey)));
assert.equal(keyedService.subject, `client:${documentId}`);
const platform = await keep('platform', await workload({}));
assert.equal((await comesIn('--workload-token-file', platform)).subject, build.subject);
await assert.rejects(program('login', mcpUrl, '--workload-token-file', platform), /used before/);

/** The enterprise's identity provider says for which of its users the client comes. */
async function vouch(request) {
  const { payload } = await jwtVerify(request.get('subject_token'), keys.publicKey, { issuer: corp, audience: 'nightly-at-corp' });
  assert.deepEqual([request.get('client_id'), request.get('client_secret')], ['nightly-at-corp', 'of nightly']);
  return {
    access_token: await idJag({ sub: payload.sub, aud: request.get('audience'), resource: request.get('resource') }),
    issued_token_type: request.get('requested_token_type'),
    token_type: 'N_A',
  };
}
const idToken = await keep('id-token', await sign({ iss: corp, sub: 'ada', aud: 'nightly-at-corp' }, 'JWT'));
const user = await comesIn(
  ...['--client-id', clientId, '--client-secret-file', await keep('secret', clientSecret)],
  ...['--idp-issuer', corp, '--idp-client-id', 'nightly-at-corp', '--idp-client-secret-env', 'CORP_SECRET'],
  ...['--id-token-file', idToken],
);
assert.deepEqual([user.subject, user.client_id], ['local:ada', clientId]);
await program('logout', mcpUrl);
await rm(home, { recursive: true });
shown('comes in by the program itself: with a key, as a workload, for the user of an enterprise');
host.close();
