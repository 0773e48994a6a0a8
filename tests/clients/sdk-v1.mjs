// The official TypeScript SDK, first line: @modelcontextprotocol/sdk.

import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

import { walk } from './lib/sdk.mjs';

await walk(
  { Client, Transport: StreamableHTTPClientTransport, UnauthorizedError },
  (transport, callback) => transport.finishAuth(callback.get('code')),
  // This line answers `insufficient_scope` with a refresh while it has a refresh token, and then gives up.
  { grantTypes: ['authorization_code'] },
);
