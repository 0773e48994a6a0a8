// An email address, with a password or a link.

import { sendPasswordResetEmail, signInWithEmailAndPassword } from '@firebase/auth';

import { attempt } from './attempt.js';
import { sendLink } from './email-link.js';
import { auth } from './firebase.js';
import { button, element, field, form, say, settings } from './page.js';
import { signIn } from './sign-in.js';

/** The form for the ways that begin with an email address. */
export function byEmail() {
  const [emailField, email] = field('email', 'Email address', {
    type: 'email',
    autocomplete: 'username',
    inputmode: 'email',
    value: settings.loginHint ?? '',
  });
  const address = () => email.value.trim();
  // Not a submission of the form, for which the password would have to be filled in.
  const withAddress = (act) => async () => {
    if (email.reportValidity()) await attempt(act);
  };
  const mailLink = withAddress(() => sendLink(address()));
  if (!settings.password) return form('Email me a link', mailLink, emailField);

  const [passwordField, password] = field('password', 'Password', {
    type: 'password',
    autocomplete: 'current-password',
  });
  const enter = async () => {
    await signIn(() => signInWithEmailAndPassword(auth, address(), password.value));
    password.value = '';
  };
  const reset = withAddress(() => mailReset(address()));
  const forgot = button('Forgot your password?', 'plain', reset);
  const made = form('Sign in', enter, emailField, passwordField, forgot);
  if (settings.emailLink) {
    made.append(element('div', { class: 'choices' }, button('Email me a link instead', 'choice', mailLink)));
  }
  return made;
}

async function mailReset(address) {
  try {
    await sendPasswordResetEmail(auth, address);
  } catch (error) {
    // Whoever has no account is told the same.
    if (error.code !== 'auth/user-not-found') throw error;
  }
  say(`If ${address} has an account, a mail to set a new password is on its way.`);
}
