// The official MCP conformance suite's scenarios of authorization for clients, with `vestibule` as the client under test:
// node conformance-client.mjs REVISION SUITE ...
//
// The suite starts the client with the address of a server that it plays itself. Its authorization server asks nobody
// anything, so the browser that opens is one that follows redirects. What is known to fail stands with its reason in
// conformance-known.json; the suite's own `--expected-failures` would not do, since it passes over entries that name no
// scenario and scenarios that checked nothing.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';

import { shown } from './lib/shown.mjs';

const suite = new URL('./node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url).pathname;
const program = process.env.PROGRAM;
const [revision, ...suites] = process.argv.slice(2);
const known = JSON.parse(await readFile(new URL('./conformance-known.json', import.meta.url), 'utf8'));
const home = await mkdtemp(join(tmpdir(), 'conformance-'));
const client = await script(
  'client',
  `mkdir -p "${home}/ends/$(dirname "$MCP_CONFORMANCE_SCENARIO")"
trap 'echo $? > "${home}/ends/$MCP_CONFORMANCE_SCENARIO"' EXIT
export HOME="${home}/$$" XDG_CONFIG_HOME="${home}/$$" PATH='${home}':"$PATH"
given() { '${process.execPath}' -p 'JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? "{}").'"$1"' ?? ""'; }
keep() { mkdir -p "$HOME"; (umask 077; given "$1" > "$HOME/$1"); echo "$HOME/$1"; }
if [ -n "$MCP_CONFORMANCE_CONTEXT" ]; then
  export SECRET="$(given client_secret)"
  id="$(given client_id)"
fi
case "$MCP_CONFORMANCE_SCENARIO" in
  # The address of a client's document is a client id like any other.
  auth/basic-cimd) id=https://conformance-test.local/client-metadata.json ;;
  auth/client-credentials-basic) set -- "$1" --client-credentials ;;
  auth/client-credentials-jwt) set -- "$1" --client-credentials --client-key-file "$(keep private_key_pem)" ;;
  auth/wif-jwt-bearer) set -- "$1" --workload-token-file "$(keep valid_jwt)" ;;
  auth/enterprise-managed-authorization)
    set -- "$1" --id-token-file "$(keep idp_id_token)" --idp-issuer "$(given idp_issuer)" --idp-client-id "$(given idp_client_id)" ;;
esac
login() { '${program}' login "$@" \${id:+--client-id "$id"} \${SECRET:+--client-secret-env SECRET}; }
use() { '${program}' tools "$1" && '${program}' call "$1" test-tool; }
login "$@" && { use "$1" || { login "$@" && use "$1"; }; }`,
);
await script('xdg-open', `exec '${process.execPath}' -e 'fetch(process.argv[1])' "$1"`);

const all = await list();
// Those of extensions have no revision: they run at each that MCP has today.
const here = ({ at }) => at.includes(revision) || (at.includes('extension') && suites.includes('extensions'));
const ran = new Map();
for (const name of suites) {
  if (name !== 'extensions') await run('--suite', name);
  // As a suite they do not run at a revision.
  else await Promise.all(all.filter(({ at }) => at.includes('extension')).map(({ name }) => run('--force', '--scenario', name)));
}

const problems = [];
const problem = (text) => problems.push(text);
for (const { name } of all.filter(here)) if (!ran.has(name)) problem(`${name} did not run`);
let [passed, failed] = [0, 0];
for (const [name, { checks, ended }] of ran) {
  const wrong = new Set(checks.filter(({ status }) => status === 'FAILURE' || status === 'WARNING').map(({ id }) => id));
  const entry = known.failures.find(({ scenario, at }) => scenario === name && at.includes(revision));
  const gaveUp = ended !== 0;
  if (!entry) {
    if (wrong.size > 0) problem(`${name} fails: ${[...wrong]}`);
    if (!checks.some(({ status }) => status === 'SUCCESS')) problem(`${name} showed nothing`);
    if (gaveUp !== known.refused.includes(name)) problem(`${name} ended with ${ended}`);
    passed += 1;
  } else {
    for (const id of entry.checks.filter((id) => !wrong.has(id))) problem(`${name} does not fail ${id} any more`);
    for (const id of [...wrong].filter((id) => !entry.checks.includes(id))) problem(`${name} fails: ${id}`);
    failed += 1;
  }
}
const names = new Set(all.map(({ name }) => name));
for (const name of [...known.refused, ...known.failures.map(({ scenario }) => scenario)]) {
  if (!names.has(name)) problem(`conformance-known.json names ${name}, which the suite does not have`);
}
for (const { scenario, at, checks, reason } of known.failures) {
  if (!reason?.trim()) problem(`${scenario} is known to fail for no reason`);
  if (!checks?.length || !at?.length) problem(`${scenario} is known to fail nowhere`);
}
if (problems.length === 0) shown(`${revision}: ${passed} scenarios pass, ${failed} fail as known`);
else {
  process.exitCode = 1;
  for (const text of problems) {
    console.log(text);
    for (const file of ran.get(text.split(' ')[0])?.said ?? []) console.log(await readFile(file, 'utf8'));
  }
}
await rm(home, { recursive: true });

/** The scenarios of authorization, with where they belong. */
async function list() {
  const listing = spawn(process.execPath, [suite, 'list', '--client'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const chunk of listing.stdout) text += chunk;
  return [...text.matchAll(/^ +- (auth\/\S+) \[(.*)\]$/gm)].map(([, name, at]) => ({ name, at: at.split(',') }));
}

/** Runs what is selected, all side by side. */
async function run(...selected) {
  const results = await mkdtemp(join(home, 'results-'));
  const arguments_ = ['client', '--command', client, '--spec-version', revision, '--timeout', '60000', '--output-dir', results];
  const running = spawn(process.execPath, [suite, ...arguments_, ...selected], { stdio: 'ignore' });
  await once(running, 'exit');
  const files = await readdir(results, { recursive: true });
  for (const file of files.filter((file) => /^auth\/.*checks\.json$/.test(file))) {
    const folder = dirname(file);
    const scenario = folder.replace(/-\d{4}-\d{2}-\d{2}T[\d-]+Z$/, '');
    ran.set(scenario, {
      checks: JSON.parse(await readFile(join(results, file), 'utf8')),
      ended: Number(await readFile(join(home, 'ends', scenario), 'utf8')),
      said: ['stdout.txt', 'stderr.txt'].map((end) => join(results, folder, end)),
    });
  }
}

async function script(name, text) {
  const path = join(home, name);
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
  return path;
}
