// The official TypeScript SDK, second line: @modelcontextprotocol/client.
//
// The argument is how it negotiates: `legacy` (with sessions), or a revision without them to insist on.

import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';

import { walk } from './lib/sdk.mjs';

const [era] = process.argv.slice(2);
const mode = era === 'legacy' ? era : { pin: era };

class Negotiating extends Client {
  constructor(info) {
    super(info, { versionNegotiation: { mode } });
  }
}

await walk(
  { Client: Negotiating, Transport: StreamableHTTPClientTransport, UnauthorizedError },
  {
    finish: (transport, callback) => transport.finishAuth(callback),
    call: (client, tool, onprogress) => client.callTool(tool, { onprogress }),
  },
);
