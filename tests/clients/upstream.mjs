// The official TypeScript SDK, whose person logs in at somebody else's identity provider.
//
// The arguments are the provider's origin, NAME:PASSWORD, and a pattern of the `sub` that the broker must make of them.

import { shown } from './lib/shown.mjs';
import { Traveller } from './lib/traveller.mjs';
import { visit } from './lib/visit.mjs';

const [upstream, person, subject] = process.argv.slice(2);
await visit(new Traveller(...person.split(':'), upstream), subject, shown);
