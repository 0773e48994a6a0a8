// What walks through a provider's pages begin with, and end with.

import assert from 'node:assert/strict';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

import { mcpUrl } from '../lib/demo.mjs';
import { application, decide, open, request } from './chromium.mjs';

/** A person who is sent to the broker in a browser of their own; `asked` tells which origins it has asked. */
export async function begin(prepare = () => {}, options = {}) {
  const app = await application();
  const asking = request(app, { scope: 'mcp:read' });
  const context = await open(options);
  await prepare(context);
  const origins = new Set();
  context.on('request', (sent) => origins.add(new URL(sent.url()).origin));
  const page = await context.newPage();
  await page.goto(asking.url);
  return { page, app, ...asking, asked: () => [...origins] };
}

/** Allows, comes back to the application, and calls a tool of the MCP server with the official SDK: what it says of the user. */
export async function finish({ page, app, state, redeem }) {
  await decide(page, 'approve');
  await page.waitForURL(`${app.redirectUri}?**`);
  const [arrived] = app.arrivals;
  assert.equal(arrived.get('state'), state);
  const { access_token: accessToken } = await redeem(arrived.get('code'));
  const client = new Client({ name: 'A host', version: '1.0.0' });
  const requestInit = { headers: { authorization: `Bearer ${accessToken}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(mcpUrl), { requestInit }));
  const { content } = await client.callTool({ name: 'get_user_profile', arguments: {} });
  await client.close();
  return JSON.stringify(content);
}
