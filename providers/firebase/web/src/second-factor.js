// The second factor: a code from an app, or one by text message.

import {
  FactorId,
  getMultiFactorResolver,
  PhoneAuthProvider,
  PhoneMultiFactorGenerator,
  RecaptchaVerifier,
  TotpMultiFactorGenerator,
} from '@firebase/auth';

import { attempt } from './attempt.js';
import { auth } from './firebase.js';
import { button, complain, element, field, form, post, settings, show } from './page.js';

const usable = ({ factorId }) => factorId === FactorId.TOTP || (factorId === FactorId.PHONE && settings.textMessages);

/** Goes on where the first factor was not enough. */
export function askSecondFactor(error) {
  const resolver = getMultiFactorResolver(auth, error);
  const hints = resolver.hints.filter(usable);
  if (hints.length === 0) {
    complain('Your account’s second factor does not work on this page. Tell the operator.');
    return;
  }
  const choices = hints.map((hint) => button(named(hint), 'choice', () => ask(resolver, hint)));
  show(element('p', {}, 'Your account has a second factor. Go on with it.'), element('div', { class: 'choices' }, ...choices));
}

function named({ factorId, displayName, phoneNumber }) {
  const kind = factorId === FactorId.TOTP ? 'Code from an app' : `Text message to ${phoneNumber}`;
  return displayName ? `${kind} (${displayName})` : kind;
}

function ask(resolver, hint) {
  return hint.factorId === FactorId.TOTP ? askAppCode(resolver, hint) : sendTextMessage(resolver, hint);
}

function askAppCode(resolver, hint) {
  askCode('Enter the code that your authenticator app shows.', (code) =>
    resolver.resolveSignIn(TotpMultiFactorGenerator.assertionForSignIn(hint.uid, code)),
  );
}

async function sendTextMessage(resolver, hint) {
  const place = element('div', {});
  document.getElementById('provider').append(place);
  const verifier = new RecaptchaVerifier(auth, place, { size: 'invisible' });
  await attempt(async () => {
    const { session } = resolver;
    const id = await new PhoneAuthProvider(auth).verifyPhoneNumber({ multiFactorHint: hint, session }, verifier);
    askCode(`Enter the code that was sent to ${hint.phoneNumber}.`, (code) =>
      resolver.resolveSignIn(PhoneMultiFactorGenerator.assertion(PhoneAuthProvider.credential(id, code))),
    );
  });
  verifier.clear();
  place.remove();
}

function askCode(intro, resolve) {
  const [labelled, input] = field('code', 'Code', {
    type: 'text',
    inputmode: 'numeric',
    autocomplete: 'one-time-code',
    spellcheck: 'false',
  });
  const check = () => attempt(async () => post((await resolve(input.value.replace(/\s/g, ''))).user));
  show(element('p', {}, intro), form('Continue', check, labelled));
}
