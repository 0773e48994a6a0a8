// Signing in at another service, in a window of its own.

import {
  FacebookAuthProvider,
  GithubAuthProvider,
  GoogleAuthProvider,
  OAuthProvider,
  SAMLAuthProvider,
  signInWithPopup,
  TwitterAuthProvider,
} from '@firebase/auth';

import { auth } from './firebase.js';
import { button, settings } from './page.js';
import { signIn } from './sign-in.js';

const own = {
  'facebook.com': FacebookAuthProvider,
  'github.com': GithubAuthProvider,
  'google.com': GoogleAuthProvider,
  'twitter.com': TwitterAuthProvider,
};

/** A button for one service. */
export function popup({ id, name }) {
  return button(`Continue with ${name}`, 'choice', () => signIn(() => signInWithPopup(auth, service(id))));
}

function service(id) {
  if (id.startsWith('saml.')) return new SAMLAuthProvider(id);
  const made = own[id] ? new own[id]() : new OAuthProvider(id);
  if (id === 'apple.com') made.addScope('email').addScope('name');
  const parameters = {};
  if (settings.loginHint) parameters.login_hint = settings.loginHint;
  if (settings.forceLogin && (id === 'google.com' || id === 'microsoft.com')) parameters.prompt = 'select_account';
  return made.setCustomParameters(parameters);
}
