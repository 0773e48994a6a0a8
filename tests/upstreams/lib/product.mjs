// A product that is a program of its own, started in a folder of its own and asked until it answers.

import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

/** How long a start may take on a machine that is busy with other tests. */
const START = 60_000;

/** Starts a program and waits until an address answers. The program ends with this one. */
export async function start(command, args, address, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
  process.on('exit', () => child.kill('SIGKILL'));
  child.on('exit', (code) => process.exit(code ?? 1));
  const deadline = Date.now() + START;
  while (Date.now() < deadline) {
    const answered = await fetch(address).then((answer) => answer.ok, () => false);
    if (answered) return;
    await pause(50);
  }
  throw new Error(`${command} did not answer at ${address}`);
}
