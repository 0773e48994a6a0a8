// The official MCP conformance suite's scenarios for authorization servers, with a person to log in.
//
// Its exit status says nothing about scenarios that it skipped, so each check is printed with its status
// from the results that it wrote: node conformance.mjs REVISION ...

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { issuer, mcpUrl, register } from './lib/demo.mjs';
import { Person } from './lib/person.mjs';
import { shown } from './lib/shown.mjs';

const suite = new URL('./node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url).pathname;

// Where the metadata lists `none`, the suite authenticates with `none` whatever it was given, so its client
// has to be a public one.
const client = await register({
  redirect_uris: ['http://127.0.0.1/callback'],
  token_endpoint_auth_method: 'none',
});

for (const revision of process.argv.slice(2)) {
  const results = await mkdtemp(join(tmpdir(), 'conformance-'));
  await run(revision, results);
  for (const file of (await readdir(results, { recursive: true })).sort()) {
    if (!file.endsWith('checks.json')) continue;
    for (const check of JSON.parse(await readFile(join(results, file), 'utf8'))) {
      if (check.status === 'SUCCESS') shown(`${revision}: ${check.id}`);
      else if (check.status === 'WARNING') shown(`${revision}: ${check.id} (warning)`);
      else {
        process.exitCode = 1;
        console.log(`${check.status} - ${check.id}: ${check.errorMessage}`);
      }
    }
  }
  await rm(results, { recursive: true });
}

/** Runs all scenarios of a revision, and lets the person in where the suite asks for it. */
async function run(revision, results) {
  const running = spawn(process.execPath, [
    suite,
    'authorization',
    ...['--spec-version', revision],
    ...['--url', issuer],
    ...['--client-id', client.client_id],
    ...['--resource', mcpUrl],
    ...['--port', String(await freePort())],
    ...['--output-dir', results],
  ]);
  running.stderr.pipe(process.stderr);
  const ended = once(running, 'exit');
  for await (const line of createInterface({ input: running.stdout })) {
    console.log(line);
    if (line.startsWith(`${issuer}/`)) {
      await fetch(await new Person('alice', 'password123').allow(line));
    }
  }
  await ended;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
