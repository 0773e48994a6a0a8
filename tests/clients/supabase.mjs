// The official TypeScript SDK, whose person signs in with Supabase.
//
// The arguments are the project's URL and the ways to sign in, each of which is shown when it has ended in a tool call.

import { Guest } from './lib/guest.mjs';
import { shown } from './lib/shown.mjs';
import { visit } from './lib/visit.mjs';

const [project, ...names] = process.argv.slice(2);
const mailed = async (email) => (await (await fetch(`${project}/mail?to=${email}`)).text()).trim();
const ada = 'ada@example.com';
const user = 'supabase:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';

const ways = {
  'a password': [() => ({ email: ada, password: 'correct horse' })],
  'a code by email': [
    () => ({ email: ada, alternative: 'code' }),
    async () => ({ code: await mailed(ada) }),
  ],
  'a social provider': [() => ({ alternative: 'google' })],
  'a second factor': [() => ({ email: 'mia@example.com', password: 'pw' }), () => ({ code: '123456' })],
  "the project's own pages": [],
};

for (const name of names) {
  await visit(new Guest(ways[name], [project]), user);
  shown(name);
}
