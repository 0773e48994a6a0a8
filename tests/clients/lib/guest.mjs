// A person who is asked on the broker's own pages, one form after another.

import { Person } from './person.mjs';

/** Answers each form with the next of the answers: a value for each of its fields, or for the button that is pressed. */
export class Guest extends Person {
  constructor(answers, familiar = []) {
    super('', '', familiar);
    this.answers = answers;
  }

  async allow(authorizeUrl) {
    let seen = await this.open(authorizeUrl);
    for (const answer of this.answers) {
      const given = await answer();
      const form = seen.forms.find(({ fields, buttons }) =>
        Object.keys(given).every((name) => [...fields, ...buttons].some((known) => known.name === name)),
      );
      if (!form) throw new Error(`no form for ${Object.keys(given)} at ${seen.url}:\n${seen.html}`);
      const kept = form.fields.filter(({ name }) => !(name in given));
      seen = await this.submit(seen, form.action, [...kept, ...Object.entries(given).map(([name, value]) => ({ name, value }))]);
    }
    const consent = seen.forms.find(({ buttons }) => buttons.some(({ name }) => name === 'decision'));
    if (!consent) throw new Error(`nothing to allow at ${seen.url}:\n${seen.html}`);
    seen = await this.submit(seen, consent.action, [...consent.fields, { name: 'decision', value: 'approve' }]);
    if (!seen.leaves) throw new Error(`${seen.status} ${seen.url} does not lead back to the client:\n${seen.html}`);
    return seen.leaves;
  }
}
