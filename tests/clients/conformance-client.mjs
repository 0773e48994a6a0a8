// The official MCP conformance suite's scenarios for clients, with `vestibule` as the client under test.
//
// The suite starts the client with the address of a server that it plays itself. Its authorization server asks nobody
// anything, so the browser that opens is one that follows redirects.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { shown } from './lib/shown.mjs';

const suite = new URL('./node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url).pathname;
const program = process.env.PROGRAM;
const home = await mkdtemp(join(tmpdir(), 'conformance-'));

const scenarios = process.argv.slice(2);
const client = await script(
  'client',
  `export HOME="${home}/$$" XDG_CONFIG_HOME="${home}/$$" PATH='${home}':"$PATH"
given() { '${process.execPath}' -p 'JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? "{}").'"$1"' ?? ""'; }
export SECRET="$(given client_secret)"
id="$(given client_id)"
login() { '${program}' login "$1" \${id:+--client-id "$id"} \${SECRET:+--client-secret-env SECRET}; }
use() { '${program}' tools "$1" && '${program}' call "$1" test-tool; }
login "$1" && { use "$1" || { login "$1" && use "$1"; }; }`,
);
await script('xdg-open', `exec '${process.execPath}' -e 'fetch(process.argv[1])' "$1"`);

for (const scenario of scenarios) {
  const results = join(home, 'results', scenario.replaceAll('/', '-'));
  const run = spawn(process.execPath, [suite, 'client', '--command', client, '--scenario', scenario, '--output-dir', results], {
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  await once(run, 'exit');
  const checks = [];
  for (const file of await readdir(results, { recursive: true })) {
    if (file.endsWith('checks.json')) checks.push(...JSON.parse(await readFile(join(results, file), 'utf8')));
  }
  const failed = checks.filter(({ status }) => status === 'FAILURE');
  if (checks.length > 0 && failed.length === 0) shown(scenario);
  else {
    process.exitCode = 1;
    console.log(scenario, failed);
    for (const file of await readdir(results, { recursive: true })) {
      if (/std(out|err)/.test(file)) console.log(await readFile(join(results, file), 'utf8'));
    }
  }
}
await rm(home, { recursive: true });

async function script(name, text) {
  const path = join(home, name);
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
  return path;
}
