// Walks through Firebase's sign-in page in a real browser, with the real emulator, whose address is the first argument.
// The others name the walks; without any, all are walked.

import assert from 'node:assert/strict';

import { issuer } from '../lib/demo.mjs';
import { shown } from '../lib/shown.mjs';
import { begin, finish } from './begin.mjs';
import { application, close, decide, look, open, request } from './chromium.mjs';

const [emulator, ...names] = process.argv.slice(2);

const walks = {
  async 'sign in with a password'() {
    const walk = await begin();
    const { page, app, asked } = walk;
    await page.getByLabel('Email address').waitFor();
    assert.equal(await focused(page), 'email');
    await look(page, 'firebase');
    await signIn(page, 'ada@example.com', 'correct horse');
    assert.match(await finish(walk), /firebase:ada-1/);
    const kept = await page.context().storageState({ indexedDB: true });
    assert.doesNotMatch(JSON.stringify(kept), /eyJ|refresh/i, 'nothing of the login stays in the browser');
    for (const origin of asked()) assert.ok([issuer, emulator, new URL(app.redirectUri).origin].includes(origin), origin);
  },

  async 'mistype the password'() {
    const { page, app } = await begin();
    for (const [email, password] of [['ada@example.com', 'wrong'], ['nobody@example.com', 'correct horse']]) {
      await signIn(page, email, password);
      await page.getByText('The email address or the password is wrong.').waitFor();
      assert.equal(await page.getByLabel('Password').getAttribute('aria-invalid'), 'true');
    }
    await look(page, 'firebase-wrong');
    await signIn(page, 'ada@example.com', 'correct horse');
    await decide(page, 'approve');
    await page.waitForURL(`${app.redirectUri}?**`);
  },

  async 'be told nothing of a disabled account'() {
    const { page } = await begin();
    await signIn(page, 'dis@example.com', 'correct horse');
    await page.getByText('The email address or the password is wrong.').waitFor();
  },

  async 'use the keyboard alone'() {
    const { page, app } = await begin();
    await page.getByLabel('Email address').waitFor();
    await page.keyboard.type('ada@example.com');
    await page.keyboard.press('Tab');
    await page.keyboard.type('correct horse');
    await page.keyboard.press('Enter');
    const approve = page.locator('button[name=decision][value=approve]');
    await approve.focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(`${app.redirectUri}?**`);
  },

  async 'come back by a link from the mail'() {
    const { page, app, redeem } = await begin();
    await page.getByLabel('Email address').fill('lin@example.com');
    await page.getByRole('button', { name: 'Email me a link instead' }).click();
    await page.getByText('a link is on its way').waitFor();
    await look(page, 'firebase-link');
    const link = await mailed('lin@example.com');
    const stranger = await (await open()).newPage();
    await stranger.goto(link);
    assert.ok(await stranger.locator('main[data-error]').count(), 'a link that was forwarded opens nothing');
    const mail = await page.context().newPage();
    await mail.goto(link);
    await decide(mail, 'approve');
    await mail.waitForURL(`${app.redirectUri}?**`);
    const tokens = await redeem(app.arrivals[0].get('code'));
    assert.match(payload(tokens.access_token).sub, /^firebase:/);
    const used = await page.context().newPage();
    await used.goto(link);
    assert.ok(await used.locator('main[data-error]').count(), 'a link works once');
  },

  async 'give a second factor'() {
    const { page, app, redeem } = await begin();
    await signIn(page, 'fay@example.com', 'correct horse');
    await page.getByRole('button', { name: /^Text message to/ }).click();
    await page.getByLabel('Code').waitFor();
    assert.equal(await focused(page), 'code');
    await look(page, 'firebase-code');
    await page.getByLabel('Code').fill('000000');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('This code is wrong.').waitFor();
    await page.getByLabel('Code').fill(await texted());
    await page.getByRole('button', { name: 'Continue' }).click();
    await decide(page, 'approve');
    await page.waitForURL(`${app.redirectUri}?**`);
    const tokens = await redeem(app.arrivals[0].get('code'));
    assert.equal(payload(tokens.access_token).sub, 'firebase:fay-1');
  },

  async 'ask for a new password'() {
    const { page } = await begin();
    for (const email of ['ada@example.com', 'nobody@example.com']) {
      await page.getByLabel('Email address').fill(email);
      await page.getByRole('button', { name: 'Forgot your password?' }).click();
      await page.getByText(`If ${email} has an account`).waitFor();
    }
  },

  async 'find the other service out of reach'() {
    const { page, asked } = await begin((context) => context.route('https://apis.google.com/**', (route) => route.abort()));
    await page.getByRole('button', { name: 'Continue with Google' }).click();
    await page.getByRole('alert').filter({ hasText: /Signing in does not work|cannot be reached/ }).waitFor();
    assert.ok(asked().includes('https://apis.google.com'), 'the content policy lets the SDK load its script');
  },

  async 'have no JavaScript'() {
    const app = await application();
    const page = await (await open({ javaScriptEnabled: false })).newPage();
    await page.goto(request(app, { scope: 'mcp:read' }).url);
    assert.match(await page.locator('main').innerText(), /JavaScript/);
  },
};

async function signIn(page, email, password) {
  await page.getByLabel('Email address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

async function mailed(email) {
  const { oobCodes } = await told('oobCodes');
  return oobCodes.findLast((code) => code.email === email && code.requestType === 'EMAIL_SIGNIN').oobLink;
}

async function texted() {
  const { verificationCodes } = await told('verificationCodes');
  return verificationCodes.at(-1).code;
}

async function told(what) {
  return (await fetch(`${emulator}/emulator/v1/projects/demo-project/${what}`)).json();
}

const focused = (page) => page.evaluate(() => document.activeElement.id);
const payload = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

for (const name of names.length ? names : Object.keys(walks)) {
  await walks[name]();
  shown(name);
}
await close();
