// A link by email, which leads back to this page in this browser.

import { isSignInWithEmailLink, sendSignInLinkToEmail, signInWithEmailLink } from '@firebase/auth';

import { auth } from './firebase.js';
import { element, field, form, show } from './page.js';
import { signIn } from './sign-in.js';

// Who asked for the link. The SDK wants it again when the link is used, because links get forwarded.
const asked = 'vestibule.email-link';

/** Whether the person has come back by a link. */
export const cameBack = () => isSignInWithEmailLink(auth, location.href);

/** Sends a link. */
export async function sendLink(email) {
  await sendSignInLinkToEmail(auth, email, { url: location.origin + location.pathname, handleCodeInApp: true });
  localStorage.setItem(asked, email);
  show(
    element('p', {}, 'If ', element('b', {}, email), ' may sign in here, a link is on its way.'),
    element('p', {}, 'Open it in this browser within ten minutes. You can close this page.'),
  );
}

/** Signs in by the link that the person came back by. */
export async function takeLink() {
  const link = location.href;
  const known = localStorage.getItem(asked);
  localStorage.removeItem(asked);
  // The code in the address is good for a login: it must not stay in the history.
  history.replaceState(null, '', location.pathname);
  const [labelled, email] = field('email', 'Email address', {
    type: 'email',
    autocomplete: 'username',
    inputmode: 'email',
    value: known ?? '',
  });
  const finish = () => signIn(() => signInWithEmailLink(auth, email.value.trim(), link));
  show(element('p', {}, 'To which address was the link sent?'), form('Sign in', finish, labelled));
  if (known) await finish();
}
