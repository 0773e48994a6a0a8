// Walks through the broker's pages in a real browser. The arguments name the walks; without any, all are walked.

import assert from 'node:assert/strict';

import { issuer } from '../lib/demo.mjs';
import { shown } from '../lib/shown.mjs';
import { application, close, decide, logIn, look, open, request, token } from './chromium.mjs';

const walks = {
  async 'allow and come back'() {
    const app = await application();
    const { url, state, redeem } = request(app);
    const context = await open();
    const page = await context.newPage();
    await page.goto(url);
    await look(page, 'login');
    await logIn(page, 'alice', 'password123');
    await page.locator('button[name=decision]').first().waitFor();
    await look(page, 'consent');
    const text = await page.locator('main').innerText();
    for (const said of ['Notebook', 'alice', '127.0.0.1']) assert.ok(text.includes(said), `${said} in: ${text}`);
    await decide(page, 'approve');
    await page.waitForURL(`${app.redirectUri}?**`);
    const [arrived] = app.arrivals;
    assert.equal(arrived.get('state'), state);
    assert.equal(arrived.get('iss'), issuer);
    const tokens = await redeem(arrived.get('code'));
    assert.equal(tokens.status, 200);
    assert.equal(tokens.scope, 'mcp:read mcp:write');
  },

  async 'deny and come back'() {
    const app = await application();
    const { url, state } = request(app);
    const context = await open();
    const page = await context.newPage();
    await page.goto(url);
    await logIn(page, 'alice', 'password123');
    await decide(page, 'deny');
    await page.waitForURL(`${app.redirectUri}?**`);
    const [arrived] = app.arrivals;
    assert.equal(arrived.get('error'), 'access_denied');
    assert.equal(arrived.get('state'), state);
    assert.equal(arrived.get('iss'), issuer);
    assert.equal(arrived.has('code'), false);
  },

  async 'mistype the password'() {
    const app = await application();
    const context = await open();
    const page = await context.newPage();
    await page.goto(request(app).url);
    for (const [name, password] of [['alice', 'secret456'], ['nobody', 'password123']]) {
      await logIn(page, name, password);
      const alert = page.getByRole('alert');
      await alert.waitFor();
      assert.match(await alert.innerText(), /name|password/i);
      assert.equal(await page.locator('input[name=password]').inputValue(), '');
    }
    await look(page, 'login-wrong');
    await logIn(page, 'alice', 'password123');
    await decide(page, 'approve');
    await page.waitForURL(`${app.redirectUri}?**`);
  },

  async 'guess on and on'() {
    const app = await application();
    const context = await open();
    const page = await context.newPage();
    await page.goto(request(app).url);
    const posted = (answer) => answer.request().method() === 'POST';
    const guess = async (password) => {
      const [answer] = await Promise.all([page.waitForResponse(posted), logIn(page, 'bob', password)]);
      await page.waitForLoadState();
      return answer.status();
    };
    // Ten at once, and one more every few seconds.
    let status;
    for (let guesses = 0; status !== 429 && guesses < 20; guesses++) status = await guess(`guess ${guesses}`);
    assert.equal(status, 429);
    assert.equal(await page.locator('main').getAttribute('data-error'), 'too_many_tries');
    assert.match(await page.locator('main').innerText(), /Too many sign-ins have failed for this account\. Wait/);
    await look(page, 'too-many-tries');
    assert.equal(app.arrivals.length, 0);
  },

  async 'come too late'() {
    const app = await application();
    const context = await open();
    const page = await context.newPage();
    await page.goto(request(app).url);
    const interaction = page.url();
    const elsewhere = await open();
    const stranger = await elsewhere.newPage();
    await stranger.goto(interaction);
    assert.ok(await stranger.locator('main[data-error]').count(), 'another browser cannot take part');
    await logIn(page, 'alice', 'password123');
    await decide(page, 'approve');
    await page.waitForURL(`${app.redirectUri}?**`);
    await page.goto(interaction);
    assert.ok(await page.locator('main[data-error]').count(), 'a decision is taken once');
    await look(page, 'expired');
    assert.equal(app.arrivals.length, 1);
  },

  async 'use two tabs at once'() {
    const app = await application();
    const context = await open();
    const requests = [request(app), request(app, { scope: 'mcp:read' })];
    const [first, second] = await Promise.all(requests.map(() => context.newPage()));
    await first.goto(requests[0].url);
    await second.goto(requests[1].url);
    await logIn(first, 'alice', 'password123');
    await logIn(second, 'alice', 'password123');
    await decide(second, 'approve');
    await second.waitForURL(`${app.redirectUri}?**`);
    await decide(first, 'approve');
    await first.waitForURL(`${app.redirectUri}?**`);
    assert.deepEqual(app.arrivals.map((arrived) => arrived.get('state')), [requests[1].state, requests[0].state]);
    const [late, early] = app.arrivals;
    assert.equal((await requests[1].redeem(late.get('code'))).scope, 'mcp:read');
    assert.equal((await requests[0].redeem(early.get('code'))).scope, 'mcp:read mcp:write');
  },

  async 'be offered only what one may have'() {
    const app = await application();
    const { url, redeem } = request(app, { scope: 'mcp:read mcp:write mcp:admin' });
    const context = await open();
    const page = await context.newPage();
    await page.goto(url);
    await logIn(page, 'bob', 'secret456');
    await page.locator('button[name=decision]').first().waitFor();
    const offered = page.locator('input[name=scope]');
    assert.deepEqual(await offered.evaluateAll((boxes) => boxes.map(({ value }) => value)), ['mcp:read']);
    await look(page, 'consent-fewer');
    await decide(page, 'approve');
    await page.waitForURL(`${app.redirectUri}?**`);
    assert.equal((await redeem(app.arrivals[0].get('code'))).scope, 'mcp:read');
  },

  async 'allow a part'() {
    const app = await application();
    const { url, redeem } = request(app);
    const context = await open();
    const page = await context.newPage();
    await page.goto(url);
    await logIn(page, 'alice', 'password123');
    await page.locator('input[name=scope][value="mcp:write"]').uncheck();
    await decide(page, 'approve');
    await page.waitForURL(`${app.redirectUri}?**`);
    assert.equal((await redeem(app.arrivals[0].get('code'))).scope, 'mcp:read');
  },

  async 'be somebody else'() {
    const app = await application();
    const { url, redeem } = request(app);
    const context = await open();
    const page = await context.newPage();
    await page.goto(url);
    await logIn(page, 'alice', 'password123');
    await page.locator('button[name=action][value=switch_user]').click();
    await logIn(page, 'bob', 'secret456');
    await page.locator('button[name=decision]').first().waitFor();
    const text = await page.locator('main').innerText();
    assert.ok(text.includes('bob') && !text.includes('alice'), text);
    await decide(page, 'approve');
    await page.waitForURL(`${app.redirectUri}?**`);
    const { access_token: accessToken } = await redeem(app.arrivals[0].get('code'));
    assert.equal(JSON.parse(Buffer.from(accessToken.split('.')[1], 'base64url')).sub, 'local:bob');
  },

  async 'go back to an app with its own scheme'() {
    const app = await application({ redirect_uris: ['com.example.notebook:/callback'] });
    const { url, state, redeem } = request(app);
    const context = await open();
    const page = await context.newPage();
    await page.goto(url);
    await logIn(page, 'alice', 'password123');
    await decide(page, 'approve');
    const link = page.locator('a[href^="com.example.notebook:"]');
    await link.waitFor();
    await look(page, 'closing');
    const target = new URL(await link.getAttribute('href'));
    assert.equal(target.searchParams.get('state'), state);
    assert.equal(target.searchParams.get('iss'), issuer);
    assert.equal((await redeem(target.searchParams.get('code'))).status, 200);
  },

  async 'copy the code'() {
    const app = await application({ redirect_uris: ['urn:ietf:wg:oauth:2.0:oob'] });
    const { url, redeem } = request(app);
    const context = await open();
    const page = await context.newPage();
    await page.goto(url);
    await logIn(page, 'alice', 'password123');
    await decide(page, 'approve');
    await page.locator('code#code').waitFor();
    await look(page, 'code');
    assert.equal((await redeem((await page.locator('code#code').innerText()).trim())).status, 200);
  },

  async 'use no script at all'() {
    const app = await application();
    const { url, redeem } = request(app);
    const context = await open({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(url);
    await page.locator('input[name=username]').fill('alice');
    await page.locator('input[name=password]').fill('password123');
    await page.keyboard.press('Enter');
    await page.locator('button[name=decision][value=approve]').focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(`${app.redirectUri}?**`);
    assert.equal((await redeem(app.arrivals[0].get('code'))).status, 200);
  },

  async 'meet a client that is long gone'() {
    const app = await application();
    const gone = { ...app, client: { client_id: 'long-gone' } };
    const context = await open();
    const page = await context.newPage();
    const answer = await page.goto(request(gone).url);
    assert.equal(answer.status(), 400);
    assert.ok(await page.locator('main[data-error]').count());
    await look(page, 'unknown-client');
    assert.equal(app.arrivals.length, 0);
  },

  async 'be turned away'() {
    const app = await application({ redirect_uris: ['https://notebook.example/callback'] });
    const { url, state } = request(app, { prompt: 'none' });
    const context = await open();
    const page = await context.newPage();
    const answer = await page.goto(url);
    assert.equal(answer.status(), 400);
    await look(page, 'turned-away');
    assert.ok(page.url().startsWith(issuer), 'nobody goes to a site that registered itself, unasked');
    const text = await page.locator('main').innerText();
    for (const said of ['Notebook', 'notebook.example']) assert.ok(text.includes(said), `${said} in: ${text}`);
    const target = new URL(await page.locator('a#continue').getAttribute('href'));
    assert.equal(target.origin + target.pathname, app.redirectUri);
    assert.deepEqual(
      ['error', 'state', 'iss'].map((name) => target.searchParams.get(name)),
      ['login_required', state, issuer],
    );
  },

  async 'meet a client with a hostile name'() {
    const name = '"><script>alert(1)</script><b>Bank</b>';
    const app = await application({ client_name: name });
    const context = await open();
    const page = await context.newPage();
    await page.goto(request(app).url);
    await logIn(page, 'alice', 'password123');
    await page.locator('button[name=decision]').first().waitFor();
    assert.ok((await page.locator('main').innerText()).includes(name), 'the name is text, all of it');
    assert.equal(await page.locator('main b', { hasText: 'Bank' }).count(), 0);
  },

  async 'end a session from the account page'() {
    const app = await application({ client_name: 'Sketchbook' });
    const { url, redeem } = request(app);
    const context = await open();
    const page = await context.newPage();
    await page.goto(url);
    await logIn(page, 'alice', 'password123');
    await decide(page, 'approve');
    await page.waitForURL(`${app.redirectUri}?**`);
    const tokens = await redeem(app.arrivals[0].get('code'));
    await page.goto(`${issuer}/account`);
    const session = page.getByRole('listitem').filter({ hasText: 'Sketchbook' });
    await session.waitFor();
    await look(page, 'account');
    await session.getByRole('button').click();
    await session.waitFor({ state: 'detached' });
    const renewed = await token({
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token,
      client_id: app.client.client_id,
    });
    assert.equal(renewed.error, 'invalid_grant');
  },

  async 'sign out'() {
    const app = await application();
    const context = await open();
    const page = await context.newPage();
    await page.goto(request(app).url);
    await logIn(page, 'testuser', 'testpass');
    await page.locator('button[name=decision]').first().waitFor();
    await page.goto(`${issuer}/account`);
    await look(page, 'account-empty');
    await page.getByRole('link', { name: 'Sign out' }).click();
    await look(page, 'sign-out');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('signed out').first().waitFor();
    await look(page, 'signed-out');
    await page.goto(request(app).url);
    await page.locator('input[name=password]').waitFor();
    await page.goto(`${issuer}/account`);
    await look(page, 'account-nobody');
  },
};

const names = process.argv.slice(2);
for (const name of names.length ? names : Object.keys(walks)) {
  await walks[name]();
  shown(name);
}
await close();
