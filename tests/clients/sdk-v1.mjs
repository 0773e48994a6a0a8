// The official TypeScript SDK, first line: @modelcontextprotocol/sdk.

import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

import { walk } from './lib/sdk.mjs';

await walk(
  { Client, Transport: StreamableHTTPClientTransport, UnauthorizedError },
  {
    finish: (transport, callback) => transport.finishAuth(callback.get('code')),
    call: (client, tool, onprogress) => client.callTool(tool, undefined, { onprogress }),
    // This line answers `insufficient_scope` with a refresh while it has a refresh token, and then gives up.
    steppingUp: { grantTypes: ['authorization_code'] },
  },
);
