// A person whose login is somewhere else: follows the broker to an identity provider, logs in there, and comes back.

import { Person } from './person.mjs';

/** Pages that one login may have at most. */
const STEPS = 10;

/** `upstream` is the origin of the identity provider; its pages are known by their forms, whichever it is. */
export class Traveller extends Person {
  constructor(name, password, upstream) {
    super(name, password, [upstream]);
    this.upstream = upstream;
  }

  async allow(authorizeUrl) {
    let seen = await this.open(authorizeUrl);
    for (let step = 0; step < STEPS && !seen.leaves; step += 1) seen = await this.#goOn(seen);
    if (!seen.leaves) throw new Error(`${seen.url} does not lead back to the client:\n${seen.html}`);
    return seen.leaves;
  }

  async #goOn(seen) {
    if (seen.url.startsWith(`${this.upstream}/login.html`)) return this.#glewlwyd(seen);
    const press = (form, name, value) => this.submit(seen, form.action, [...form.fields, { name, value }]);
    for (const form of seen.forms) {
      const has = (name) => form.fields.some((field) => field.name === name);
      if (has('login') || has('password')) {
        for (const field of form.fields) {
          if (field.name === 'login') field.value = this.name;
          if (field.name === 'password') field.value = this.password;
        }
        return this.submit(seen, form.action, form.fields);
      }
      if (has('prompt')) return this.submit(seen, form.action, form.fields);
      if (form.buttons.some(({ name }) => name === 'answer')) return press(form, 'answer', 'accept');
      if (form.buttons.some(({ name }) => name === 'decision')) return press(form, 'decision', 'approve');
    }
    throw new Error(`nothing to do at ${seen.url}:\n${seen.html}`);
  }

  /** Its pages are drawn by scripts: this does what they do. */
  async #glewlwyd(seen) {
    const { searchParams } = new URL(seen.url);
    const json = (method, path, body) => this.open(`${this.upstream}/api/auth/${path}`, {
      method,
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
    await json('POST', '', { username: this.name, password: this.password });
    await json('PUT', `grant/${searchParams.get('client_id')}`, { scope: 'openid profile email offline_access' });
    return this.open(`${searchParams.get('callback_url')}&g_continue`);
  }
}
