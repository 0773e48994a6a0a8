// A person who has to say where to sign in: the broker under test has the providers `home` and `work`, at one oidc-provider.

import assert from 'node:assert/strict';

import { issuer } from '../lib/demo.mjs';
import { shown } from '../lib/shown.mjs';
import { application, close, decide, look, open, request } from './chromium.mjs';

const offered = (page) =>
  page.locator('button[name=provider]').evaluateAll((buttons) => buttons.map(({ value }) => value));

/** Signs in on the provider's own pages. */
async function signInThere(page) {
  await page.locator('input[name=login]').fill('alice');
  await page.locator('input[name=password]').fill('anything');
  await page.locator('button[type=submit]').click();
  await page.locator('form:has(input[value=consent]) button[type=submit]').click();
}

const app = await application();
const context = await open();
const page = await context.newPage();
await page.goto(request(app).url);
assert.deepEqual(await offered(page), ['home', 'work']);
await look(page, 'choose');
shown('offers every provider by its name');

await page.locator('button[name=provider][value=work]').click();
await signInThere(page);
await decide(page, 'approve');
await page.waitForURL(`${app.redirectUri}?**`);
assert.ok(app.arrivals[0].get('code'));
shown('goes to the one that was chosen, and back to the app');

await page.goto(`${issuer}/account`);
await page.getByRole('link', { name: 'Sign out' }).click();
await page.getByRole('button', { name: 'Sign out' }).click();
// The provider asks as well.
await page.locator('button[name=logout][value=yes]').click();
await page.getByText('You are signed out').waitFor();
assert.ok(page.url().startsWith(issuer));
shown('leaves the provider too, and comes back');
await page.goto(request(app).url);
assert.deepEqual(await offered(page), ['work', 'home']);
shown('offers the one that was used last first');

const hinted = await open();
const straight = await hinted.newPage();
await straight.goto(request(app, { idp_hint: 'home' }).url);
await straight.locator('input[name=login]').waitFor();
assert.ok(!straight.url().startsWith(issuer));
shown('goes straight to the one that the app names');
await close();
