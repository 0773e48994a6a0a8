// The real oauth2-mock-server, which logs its one user in without asking, and lies when it is told to:
//
//   /test/lie?how=…        one of `lies` below, in every ID token from now on; /test/lie alone tells the truth again
//   /test/rotate           another key signs from now on, and the old one is gone
//
// The JSON in the first argument names the port. Its issuer is http://127.0.0.1:PORT.

import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';

import { OAuth2Issuer, OAuth2Service } from 'oauth2-mock-server';

import { front } from './lib/front.mjs';

const { port } = JSON.parse(process.argv[2]);
const hour = 3600;
const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 });

const claims = {
  audience: () => ({ aud: 'another client' }),
  issuer: () => ({ iss: 'https://another.example' }),
  nonce: () => ({ nonce: 'nonce-of-another-login' }),
  subject: () => ({ sub: undefined }),
  expired: ({ iat }) => ({ iat: iat - 2 * hour, exp: iat - hour }),
  future: ({ iat }) => ({ iat: iat + hour, exp: iat + 2 * hour }),
};
const signatures = {
  unsigned: (_, payload) => `${part({ alg: 'none', typ: 'JWT' })}.${payload}.`,
  foreign: (header, payload) => {
    const input = `${header}.${payload}`;
    return `${input}.${createSign('RSA-SHA256').update(input).sign(foreign.privateKey, 'base64url')}`;
  },
  secret: (header, payload) => {
    const { kid } = JSON.parse(Buffer.from(header, 'base64url'));
    const input = `${part({ alg: 'HS256', typ: 'JWT', kid })}.${payload}`;
    return `${input}.${createHmac('sha256', 'the-secret-of-a-test').update(input).digest('base64url')}`;
  },
};

let lie;
let service;
async function renew() {
  const issuer = new OAuth2Issuer();
  issuer.url = `http://127.0.0.1:${port}`;
  await issuer.keys.generate('RS256');
  service = new OAuth2Service(issuer);
  service.on('beforeTokenSigning', ({ payload }) => {
    Object.assign(payload, { name: 'John Doe' }, claims[lie]?.(payload));
  });
  service.on('beforeResponse', ({ body }) => {
    const change = signatures[lie];
    if (change) body.id_token = change(...body.id_token.split('.'));
  });
}

await renew();
front(port, (request, answer) => service.requestHandler(request, answer), {
  lie: (query) => void (lie = query.get('how') ?? undefined),
  rotate: renew,
});

function part(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
