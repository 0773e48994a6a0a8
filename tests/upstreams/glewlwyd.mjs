// The real Glewlwyd, set up as the JSON in the first argument says:
//
//   port, folder           where it listens and what it keeps its files in
//   client_id, client_secret, redirect_uri, post_logout_redirect_uri
//   keyed_client_id        a second client, known by an EC key whose private half is client.pem in the folder
//   users                  [{ username, password }]
//
// Its issuer is http://127.0.0.1:PORT/api/oidc. Its administrator is `admin` with the password `password`.

import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

import { start } from './lib/product.mjs';

const { port, folder, client_id, client_secret, keyed_client_id, redirect_uri, post_logout_redirect_uri, users } = JSON.parse(process.argv[2]);
const origin = `http://127.0.0.1:${port}`;

const schema = gunzipSync(readFileSync('/usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz'));
execFileSync('sqlite3', [`${folder}/glewlwyd.db`], { input: schema });
// Without a trailing slash: it would be doubled in the metadata.
const configuration = readFileSync('/etc/glewlwyd/glewlwyd.conf', 'utf8')
  .replace(/^port=.*/m, `port=${port}\nbind_address="127.0.0.1"`)
  .replace(/^external_url=.*/m, `external_url="${origin}"`)
  .replace(/^log_mode=.*/m, 'log_mode="console"')
  .replace(/^@include.*/m, `database = { type = "sqlite3"; path = "${folder}/glewlwyd.db"; };`);
writeFileSync(`${folder}/glewlwyd.conf`, configuration);
await start('glewlwyd', ['-c', `${folder}/glewlwyd.conf`], `${origin}/config`);

const pair = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
let cookie = '';
await post('auth/', { username: 'admin', password: 'password' });
for (const name of ['profile', 'email', 'offline_access']) {
  await post('scope/', { name, display_name: name, password_required: true, password_max_age: 0, scheme: {} });
}
const scope = ['openid', 'profile', 'email', 'offline_access'];
await post('mod/plugin/', {
  module: 'oidc',
  name: 'oidc',
  display_name: 'OpenID Connect',
  parameters: {
    iss: `${origin}/api/oidc`,
    'jwt-type': 'rsa',
    'jwt-key-size': '256',
    key: pair.privateKey,
    cert: pair.publicKey,
    'access-token-duration': 3600,
    'refresh-token-duration': 1209600,
    'refresh-token-rolling': true,
    'code-duration': 600,
    'allow-non-oidc': true,
    'auth-type-code-enabled': true,
    'auth-type-token-enabled': false,
    'auth-type-id-token-enabled': true,
    'auth-type-none-enabled': false,
    'auth-type-password-enabled': false,
    'auth-type-client-enabled': false,
    'auth-type-refresh-enabled': true,
    scope: scope.map((name) => ({ name, 'refresh-token-rolling': true })),
    'pkce-allowed': true,
    'pkce-method-plain-allowed': false,
    'oauth-par-allowed': true,
    'oauth-par-duration': 90,
    'oauth-par-request_uri-prefix': 'urn:ietf:params:oauth:request_uri:',
    'session-management-allowed': true,
    'session-cookie-name': 'GLEWLWYD2_OIDC_SESSION',
    'session-cookie-expiration': 2419200,
    'name-claim': 'on-demand',
    'name-claim-scope': ['profile'],
    'email-claim': 'on-demand',
    'email-claim-scope': ['email'],
    'address-claim': { type: 'no' },
    claims: [],
    'subject-type': 'public',
    'jwks-show': true,
    'request-parameter-allow': true,
    'client-pubkey-parameter': 'pubkey',
  },
});
for (const { username, password } of users) {
  await post('user/', { username, password, name: `${username} upstream`, email: `${username}@upstream.example`, enabled: true, scope });
}
const clientPair = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
writeFileSync(`${folder}/client.pem`, clientPair.privateKey);
const client = {
  name: 'The broker',
  confidential: true,
  enabled: true,
  redirect_uri: [redirect_uri],
  authorization_type: ['code', 'refresh_token', 'id_token'],
  scope: [],
  // A string: a list is not read.
  post_logout_redirect_uris: post_logout_redirect_uri,
};
await post('client/', { ...client, client_id, client_secret, token_endpoint_auth_method: ['client_secret_basic'] });
await post('client/', { ...client, client_id: keyed_client_id, pubkey: clientPair.publicKey, token_endpoint_auth_method: ['private_key_jwt'] });
console.log('ready');

async function post(path, body) {
  const answer = await fetch(`${origin}/api/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  cookie ||= answer.headers.getSetCookie()[0].split(';')[0];
}
