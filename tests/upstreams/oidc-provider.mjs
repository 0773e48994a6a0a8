// The real oidc-provider, set up as the JSON in the first argument says:
//
//   port, issuer           where it is
//   client                 the broker as its client: metadata of OpenID Connect Dynamic Client Registration
//   routes, features       as oidc-provider documents them, over those below
//   clock                  by how many seconds its clock is ahead
//   clientKey, folder      the algorithm of a key that the client is known by; client.pem in the folder is its private half
//
// Anybody may log in, by any name, with any password; the name is the subject. `mallory` has an address that was never
// proven. Besides lib/front.mjs's, it takes the commands /test/disable?user=… and /test/rotate.

import { generateKeyPairSync } from 'node:crypto';

import { writeFileSync } from 'node:fs';

import { front } from './lib/front.mjs';

const settings = JSON.parse(process.argv[2]);
const now = Date.now;
Date.now = () => now() + (settings.clock ?? 0) * 1000;
const { default: Provider } = await import('oidc-provider');

if (settings.clientKey) {
  const rsa = settings.clientKey.startsWith('RS') || settings.clientKey.startsWith('PS');
  const pair = rsa ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(`${settings.folder}/client.pem`, pair.privateKey.export({ format: 'pem', type: 'pkcs8' }));
  settings.client.jwks = { keys: [{ ...pair.publicKey.export({ format: 'jwk' }), use: 'sig', alg: settings.clientKey }] };
}

const disabled = new Set();
let keysMade = 0;

function key(alg, type, options) {
  const { privateKey } = generateKeyPairSync(type, options);
  return { ...privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: `${alg}-${keysMade}` };
}

function provider() {
  keysMade += 1;
  const made = new Provider(settings.issuer, {
    clients: [settings.client],
    jwks: { keys: [key('RS256', 'rsa', { modulusLength: 2048 }), key('ES256', 'ec', { namedCurve: 'P-256' })] },
    cookies: { keys: ['a key for the cookies of a test'] },
    claims: {
      openid: ['sub'],
      profile: ['name', 'preferred_username', 'groups', ...(settings.claims ? Object.keys(settings.claims) : [])],
      email: ['email', 'email_verified'],
    },
    conformIdTokenClaims: settings.claimsInUserinfo ?? false,
    // It refuses to call private addresses, which is where the broker is.
    fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
    findAccount: (_, id) => (disabled.has(id) ? undefined : { accountId: id, claims: () => claims(id) }),
    routes: { ...settings.routes },
    features: {
      backchannelLogout: { enabled: true },
      devInteractions: { enabled: true },
      jwtUserinfo: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      revocation: { enabled: true },
      ...settings.features,
    },
    rotateRefreshToken: true,
    issueRefreshToken: async (_, client, code) => client.grantTypeAllowed('refresh_token') && code.scopes.has('offline_access'),
  });
  for (const event of ['server_error', 'backchannel.error', 'authorization.error', 'grant.error']) {
    made.on(event, (...about) => console.log(event, about.find((it) => it instanceof Error)?.stack));
  }
  for (const event of ['access_token.saved', 'refresh_token.saved']) {
    made.on(event, (token) => console.log('issued', token.jti));
  }
  made.on('backchannel.success', () => console.log('told a client of a logout'));
  return made;
}

function claims(sub) {
  return {
    sub,
    name: `${sub[0].toUpperCase()}${sub.slice(1)} Upstream`,
    preferred_username: sub,
    email: `${sub}@upstream.example`,
    email_verified: sub !== 'mallory',
    groups: ['staff'],
    ...settings.claims,
  };
}

let serve = provider().callback();
front(settings.port, (request, answer) => serve(request, answer), {
  disable: (query) => void disabled.add(query.get('user')),
  rotate: () => void (serve = provider().callback()),
});
