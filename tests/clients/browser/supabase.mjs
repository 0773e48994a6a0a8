// Walks through the pages of a login with Supabase in a real browser. The arguments are the project's URL and the walks.

import assert from 'node:assert/strict';

import { issuer } from '../lib/demo.mjs';
import { shown } from '../lib/shown.mjs';
import { begin, finish } from './begin.mjs';
import { close, look } from './chromium.mjs';

const [project, ...names] = process.argv.slice(2);
const user = /supabase:[0-9a-f-]{36}/;

const walks = {
  async 'sign in with a password'() {
    const walk = await begin();
    const { page } = walk;
    await page.getByLabel('Email address').waitFor();
    assert.equal(await focused(page), 'email');
    await look(page, 'supabase');
    await signIn(page, 'ada@example.com', 'wrong');
    await page.getByText('The email address or the password is wrong.').waitFor();
    await look(page, 'supabase-wrong');
    await signIn(page, 'ada@example.com', 'correct horse');
    await consenting(page);
    const kept = await page.context().storageState({ indexedDB: true });
    assert.doesNotMatch(JSON.stringify(kept), /eyJ|refresh/i, 'nothing of the login stays in the browser');
    assert.match(await finish(walk), user);
    const { origin } = new URL(walk.app.redirectUri);
    for (const asked of walk.asked()) assert.ok([issuer, origin].includes(asked), `the browser asked ${asked}`);
  },

  async 'use the keyboard alone'() {
    const walk = await begin();
    const { page } = walk;
    await page.getByLabel('Email address').waitFor();
    await page.keyboard.type('ada@example.com');
    await page.keyboard.press('Tab');
    await page.keyboard.type('correct horse');
    await page.keyboard.press('Enter');
    await consenting(page);
    assert.match(await finish(walk), user);
  },

  async 'get a code by email'() {
    const walk = await begin(undefined, { javaScriptEnabled: false });
    const { page } = walk;
    await page.getByLabel('Email address').fill('ada@example.com');
    await page.getByRole('button', { name: 'Email me a code' }).click();
    await page.getByText('a code is on its way').waitFor();
    await page.getByLabel('Code').fill('wrong!');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('The code is wrong or too old.').waitFor();
    const code = (await (await fetch(`${project}/mail?to=ada@example.com`)).text()).trim();
    await page.getByLabel('Code').fill(code);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    assert.match(await finish(walk), user);
  },

  async 'give a second factor'() {
    const walk = await begin();
    const { page } = walk;
    await signIn(page, 'mia@example.com', 'pw');
    await page.getByLabel('Code').waitFor();
    assert.equal(await focused(page), 'code');
    await look(page, 'supabase-code');
    await page.getByLabel('Code').fill('123456');
    await page.getByRole('button', { name: 'Continue' }).click();
    assert.match(await finish(walk), user);
  },

  async 'go to a social provider and back'() {
    const walk = await begin();
    await walk.page.getByRole('button', { name: 'Continue with Google' }).click();
    assert.match(await finish(walk), user);
    const allowed = [issuer, project, new URL(walk.app.redirectUri).origin];
    for (const asked of walk.asked()) assert.ok(allowed.includes(asked), `the browser asked ${asked}`);
  },

  async "go to the project's own pages and back"() {
    const walk = await begin();
    assert.match(await finish(walk), user);
  },
};

async function signIn(page, email, password) {
  await page.getByLabel('Email address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

const consenting = (page) => page.locator('button[name=decision][value=approve]').waitFor();
const focused = (page) => page.evaluate(() => document.activeElement.name);

for (const name of names) {
  await walks[name]();
  shown(name);
}
await close();
