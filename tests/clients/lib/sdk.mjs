// One walk that every line of the TypeScript SDK must be able to do.

import assert from 'node:assert/strict';

import { issuer, mcpUrl } from './demo.mjs';
import { Host } from './host.mjs';
import { Person } from './person.mjs';
import { shown } from './shown.mjs';

/**
 * `sdk` has the SDK's `Client`, `Transport` and `UnauthorizedError`; `finish` hands a callback to its transport, and
 * `call` calls a tool and listens to its progress. `steppingUp` says how a host must be made for the SDK to step up.
 */
export async function walk(sdk, { finish, call, steppingUp = {} }) {
  const person = new Person('testuser', 'testpass');
  const host = new Host(person);
  const connection = await connect(sdk, finish, host);
  assert.equal(host.discovery.authorizationServerMetadata.issuer, issuer);
  assert.equal(host.discovery.resourceMetadata.resource, mcpUrl);
  shown('discovers the broker from the challenge');
  assert.ok(host.client.client_id);
  assert.equal(host.client.client_secret, undefined);
  shown('registers itself');
  assert.equal(host.visits, 1);
  assert.ok(host.kept.refresh_token);
  shown('gets tokens after login and consent');

  const { tools } = await connection.client.listTools();
  assert.ok(tools.some(({ name }) => name === 'get_user_profile'));
  const profile = await connection.client.callTool({ name: 'get_user_profile', arguments: {} });
  assert.match(JSON.stringify(profile.content), /testuser/);
  shown('calls a tool as the person who logged in');
  const heard = [];
  const counted = await call(connection.client, { name: 'countdown', arguments: { from: 3, interval_ms: 10 } }, ({ progress }) =>
    heard.push(progress),
  );
  assert.ok(!counted.isError, JSON.stringify(counted));
  assert.ok(heard.length >= 3, `progress: ${heard}`);
  shown('hears the progress of a tool');

  const before = host.kept;
  host.kept = { ...before, access_token: `${before.access_token}expired` };
  await connection.client.callTool({ name: 'read_data', arguments: {} });
  assert.equal(host.visits, 1, 'nobody had to log in again');
  assert.notEqual(host.kept.refresh_token, before.refresh_token);
  assert.equal(host.kept.scope, before.scope);
  shown('refreshes by itself');
  await connection.client.close();

  const reader = new Host(new Person('testuser', 'testpass'), { scopes: ['mcp:read'], ...steppingUp });
  const { client, transport } = await connect(sdk, finish, reader);
  assert.equal(reader.kept.scope, 'mcp:read');
  await client.callTool({ name: 'read_data', arguments: {} });
  reader.scopes = undefined;
  const write = { name: 'write_data', arguments: { data: 'a line' } };
  await assert.rejects(client.callTool(write), sdk.UnauthorizedError);
  assert.equal(reader.visits, 2);
  await finish(transport, reader.callback);
  const written = await client.callTool(write);
  assert.ok(!written.isError, JSON.stringify(written));
  assert.ok(reader.kept.scope.split(' ').includes('mcp:write'), reader.kept.scope);
  await client.close();
  shown('steps up when a tool needs more');
}

async function connect({ Client, Transport, UnauthorizedError }, finish, host) {
  const make = () => ({
    client: new Client({ name: 'A host', version: '1.0.0' }),
    transport: new Transport(new URL(mcpUrl), { authProvider: host }),
  });
  const first = make();
  await assert.rejects(first.client.connect(first.transport), UnauthorizedError);
  await finish(first.transport, host.callback);
  const second = make();
  await second.client.connect(second.transport);
  return second;
}
