// A person at the broker's pages, without JavaScript: logs in, decides, and is sent back.
//
// As a program: node lib/person.mjs AUTHORIZE_URL USER:PASSWORD [SCOPE ...]
// prints the redirect to the client, or goes there where GO is set. With scopes, only those stay ticked.

import { fileURLToPath } from 'node:url';

/** A browser: cookies, redirects one by one, and forms. */
export class Person {
  #cookies = new Map();
  #familiar;
  #begun;

  /** Redirects are followed within the origin where a visit begins, and to those that are `familiar`. */
  constructor(name, password, familiar = []) {
    this.name = name;
    this.password = password;
    this.#familiar = familiar;
  }

  /** Logs in, allows all or just some of the scopes, and returns the redirect to the client. */
  async allow(authorizeUrl, scopes) {
    return this.#decide(authorizeUrl, 'approve', scopes);
  }

  /** Logs in, refuses, and returns the redirect to the client. */
  async deny(authorizeUrl) {
    return this.#decide(authorizeUrl, 'deny');
  }

  /** Types the code of a device, which the address holds, logs in and lets the device in; returns the last page. */
  async letIn(verificationUri) {
    const seen = await this.open(verificationUri);
    const form = seen.forms.find(({ fields }) => fields.some(({ name }) => name === 'user_code'));
    return this.#walk(await this.submit(seen, form.action, form.fields), 'approve');
  }

  async #decide(authorizeUrl, decision, scopes) {
    const seen = await this.#walk(await this.open(authorizeUrl), decision, scopes);
    if (!seen.leaves) throw new Error(`${seen.status} ${seen.url} does not lead back to the client:\n${seen.html}`);
    return seen.leaves;
  }

  async #walk(seen, decision, scopes) {
    const login = seen.forms.find((form) => form.fields.some(({ name }) => name === 'password'));
    if (login) {
      for (const field of login.fields) {
        if (field.name === 'username') field.value = this.name;
        if (field.name === 'password') field.value = this.password;
      }
      seen = await this.submit(seen, login.action, login.fields);
    }
    const consent = seen.forms.find((form) => form.buttons.some(({ name }) => name === 'decision'));
    if (consent) {
        const kept = consent.fields.filter(({ choice, value }) => !scopes || !choice || scopes.includes(value));
      seen = await this.submit(seen, consent.action, [...kept, { name: 'decision', value: decision }]);
    }
    return seen;
  }

  /** Sends fields of a page's form. */
  submit(seen, action, fields) {
    const body = new URLSearchParams(fields.filter(({ sent = true }) => sent).map(({ name, value }) => [name, value]));
    return this.open(new URL(action ?? seen.url, seen.url).href, { method: 'POST', body });
  }

  /** Opens an address and follows the redirects that stay where they are known. */
  async open(url, init = {}) {
    this.#begun ??= new URL(url).origin;
    for (;;) {
      const { origin, host } = new URL(url);
      const cookies = this.#cookies.get(host) ?? new Map();
      this.#cookies.set(host, cookies);
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const headers = { cookie, ...(init.body && { origin }), ...init.headers };
      const answer = await fetch(url, { ...init, redirect: 'manual', headers });
      for (const header of answer.headers.getSetCookie()) keep(cookies, header);
      const location = answer.headers.get('location');
      if (!location) return read(url, answer.status, await answer.text());
      const next = new URL(location, url);
      if (next.origin !== this.#begun && !this.#familiar.includes(next.origin)) {
        return { url, status: answer.status, forms: [], leaves: location };
      }
      [url, init] = [next.href, {}];
    }
  }
}

function keep(cookies, header) {
  const [pair] = header.split(';');
  const [name, ...value] = pair.split('=');
  if (/max-age=0/i.test(header)) cookies.delete(name);
  else cookies.set(name, value.join('='));
}

function read(url, status, html) {
  const forms = [...html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gis)].map(([, tag, inside]) => {
    const controls = [...inside.matchAll(/<(input|button)\b([^>]*)>/gis)].map(([, kind, attributes]) => {
      const choice = attribute(attributes, 'type') === 'checkbox';
      return {
        button: kind.toLowerCase() === 'button',
        name: attribute(attributes, 'name'),
        value: attribute(attributes, 'value') ?? '',
        choice,
        sent: !choice || /\bchecked\b/i.test(attributes.replace(/"[^"]*"/g, '')),
      };
    });
    const named = controls.filter(({ name }) => name);
    return {
      action: attribute(tag, 'action'),
      fields: named.filter(({ button }) => !button),
      buttons: named.filter(({ button }) => button),
    };
  });
  return { url, status, html, forms };
}

function attribute(tag, name) {
  const found = tag.match(new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i'));
  const value = found && (found[1] ?? found[2] ?? found[3]);
  return value?.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(amp|lt|gt|quot|apos));/gi, (_, hexadecimal, decimal, named) =>
    named
      ? { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }[named]
      : String.fromCodePoint(hexadecimal ? parseInt(hexadecimal, 16) : Number(decimal)),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [authorizeUrl, credentials, ...scopes] = process.argv.slice(2);
  const [name, password] = credentials.split(':');
  const redirect = await new Person(name, password).allow(authorizeUrl, scopes.length ? scopes : undefined);
  if (process.env.GO) await fetch(redirect);
  else console.log(redirect);
}
