// A real Chromium with an empty profile, and what every walk in it needs.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

import { issuer, mcpUrl, register } from '../lib/demo.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];
const views = [
  { name: 'light', colorScheme: 'light', width: 960, height: 600 },
  { name: 'dark', colorScheme: 'dark', width: 960, height: 600 },
  { name: 'phone', colorScheme: 'light', width: 360, height: 740 },
  { name: 'phone-dark', colorScheme: 'dark', width: 360, height: 740, judgedOnly: true },
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});

const refused = [];
process.on('exit', (code) => {
  if (code !== 0 && refused.length > 0) console.error('the browser refused:', refused);
});

/** A person's browser, which no other walk has used. */
export async function open(options = {}) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(10_000);
  context.on('console', (message) => {
    if (/content security policy|refused to/i.test(message.text())) refused.push(message.text());
  });
  context.on('dialog', (dialog) => refused.push(`a dialog: ${dialog.message()}`));
  return context;
}

/** Ends the browser. The pages must have asked for nothing that their own policy stops. */
export async function close() {
  assert.deepEqual(refused, []);
  await browser.close();
}

/** A client on this computer that listens for its callback, as native applications do. */
export async function application(metadata = {}) {
  const arrivals = [];
  const server = createServer((request, response) => {
    if (request.url.startsWith('/callback')) arrivals.push(new URL(request.url, 'http://127.0.0.1').searchParams);
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<title>Back</title>Back at the application.');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  const redirectUri = metadata.redirect_uris?.[0] ?? `http://127.0.0.1:${server.address().port}/callback`;
  const client = await register({
    client_name: 'Notebook',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'none',
    ...metadata,
  });
  return { client, redirectUri, arrivals };
}

/** One authorization request of an application, and how to redeem what comes of it. */
export function request({ client, redirectUri }, parameters = {}) {
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(8).toString('base64url');
  const url = new URL(`${issuer}/oauth/authorize`);
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: redirectUri,
    resource: mcpUrl,
    scope: 'mcp:read mcp:write',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state,
    ...parameters,
  });
  const redeem = (code) =>
    token({ grant_type: 'authorization_code', client_id: client.client_id, redirect_uri: redirectUri, code, code_verifier: verifier });
  return { url: url.href, state, redeem };
}

/** Asks the token endpoint. */
export async function token(parameters) {
  const answer = await fetch(`${issuer}/oauth/token`, { method: 'POST', body: new URLSearchParams(parameters) });
  return { status: answer.status, ...(await answer.json()) };
}

/** Types a name and a password, and signs in. */
export async function logIn(page, name, password) {
  await page.locator('input[name=username]').fill(name);
  await page.locator('input[name=password]').fill(password);
  await page.locator('form:has(input[name=password]) button[type=submit]').click();
}

/** Presses one of the two buttons of the consent page. */
export async function decide(page, decision) {
  await page.locator(`button[name=decision][value=${decision}]`).click();
}

/**
 * Looks at a page in light and in dark, wide and on a phone: axe finds nothing, nothing is cut off, and where
 * SCREENSHOTS names a directory, pictures are kept there.
 */
export async function look(page, name) {
  const wide = page.viewportSize();
  for (const view of views) {
    await page.setViewportSize(view);
    await page.emulateMedia({ colorScheme: view.colorScheme });
    await page.evaluate(axe);
    const found = await page.evaluate((tags) => window.axe.run({ runOnly: tags }), rules);
    const described = found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    assert.deepEqual(described, [], `axe on ${name}, ${view.name}`);
    const cut = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(cut, 0, `${name} is cut off at ${view.width} pixels`);
    if (process.env.SCREENSHOTS && !view.judgedOnly) {
      await mkdir(process.env.SCREENSHOTS, { recursive: true });
      // Hiding the caret would put a style into the page, which its policy stops.
      const path = join(process.env.SCREENSHOTS, `${name}-${view.name}.png`);
      await page.screenshot({ path, fullPage: true, caret: 'initial' });
    }
  }
  await page.setViewportSize(wide);
  await page.emulateMedia({ colorScheme: null });
}
