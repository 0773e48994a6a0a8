// The sign-in page: the ways that the operator offers, and what each leads to.

import { byEmail } from './by-email.js';
import { cameBack, takeLink } from './email-link.js';
import { element, settings, show } from './page.js';
import { popup } from './popup.js';

function start() {
  const ways = [];
  if (settings.emulator) {
    ways.push(element('p', { class: 'warning' }, 'This sign-in goes to the Firebase emulator, which lets anybody in.'));
  }
  if (settings.password || settings.emailLink) ways.push(byEmail());
  if (settings.popups.length > 0) ways.push(element('div', { class: 'choices' }, ...settings.popups.map(popup)));
  show(...ways);
}

if (settings.emailLink && cameBack()) await takeLink();
else start();
