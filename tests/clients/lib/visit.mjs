// The official TypeScript SDK, whose person logs in somewhere else, calls a tool, and is refreshed.

import assert from 'node:assert/strict';

import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

import { mcpUrl } from './demo.mjs';
import { Host } from './host.mjs';

/** Walks with this person, of whom the broker must make a `sub` of this pattern; `shown` hears what was shown. */
export async function visit(person, subject, shown = () => {}) {
  const host = new Host(person);
  const first = connection(host);
  await assert.rejects(first.client.connect(first.transport), UnauthorizedError);
  shown('logs in at the identity provider');
  await first.transport.finishAuth(host.callback.get('code'));

  const { client, transport } = connection(host);
  await client.connect(transport);
  const profile = await client.callTool({ name: 'get_user_profile', arguments: {} });
  assert.ok(!profile.isError, JSON.stringify(profile));
  const claims = JSON.parse(Buffer.from(host.kept.access_token.split('.')[1], 'base64url'));
  assert.match(claims.sub, new RegExp(`^${subject}$`));
  assert.ok(JSON.stringify(profile.content).includes(claims.sub), JSON.stringify(profile.content));
  shown('calls a tool as the person who logged in');

  const before = host.kept;
  host.kept = { ...before, access_token: `${before.access_token}expired` };
  await client.callTool({ name: 'read_data', arguments: {} });
  assert.equal(host.visits, 1, 'nobody had to log in again');
  assert.notEqual(host.kept.refresh_token, before.refresh_token);
  shown('refreshes by itself');
  await client.close();
}

function connection(host) {
  return {
    client: new Client({ name: 'A host', version: '1.0.0' }),
    transport: new StreamableHTTPClientTransport(new URL(mcpUrl), { authProvider: host }),
  };
}
