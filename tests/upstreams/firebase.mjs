// The real Firebase Authentication emulator, booted without the suite around it.
//
// The JSON in the first argument names the port. Its project is demo-project. It listens on 127.0.0.1, behind lib/front.mjs.

import { createRequire } from 'node:module';

import { front } from './lib/front.mjs';

const { port } = JSON.parse(process.argv[2]);
const { createApp } = createRequire(import.meta.url)('firebase-tools/lib/emulator/auth/server');

front(port, await createApp('demo-project'));
