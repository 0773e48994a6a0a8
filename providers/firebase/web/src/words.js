// What went wrong, in sentences for the person who signs in. None tells whether an account exists.

const wrong = 'The email address or the password is wrong.';
const link = 'This link is used up or too old. Ask for a new one.';
const code = 'This code is wrong. Look for the newest one and try again.';
const late = 'That took too long. Sign in again.';

const sentences = {
  'auth/invalid-credential': wrong,
  'auth/invalid-login-credentials': wrong,
  'auth/wrong-password': wrong,
  'auth/user-not-found': wrong,
  'auth/user-disabled': wrong,
  'auth/invalid-email': 'This is not an email address.',
  'auth/missing-email': 'Fill in your email address.',
  'auth/missing-password': 'Fill in your password.',
  'auth/password-does-not-meet-requirements': 'Your password no longer meets the rules. Reset it, then sign in.',
  'auth/too-many-requests': 'There were too many tries. Wait a few minutes and try again.',
  'auth/network-request-failed': 'The sign-in service cannot be reached. Check your connection and try again.',
  'auth/timeout': 'The sign-in service does not answer. Try again.',
  'auth/invalid-action-code': link,
  'auth/expired-action-code': link,
  'auth/invalid-verification-code': code,
  'auth/missing-code': code,
  'auth/code-expired': late,
  'auth/totp-challenge-timeout': late,
  'auth/missing-multi-factor-session': late,
  'auth/invalid-multi-factor-session': late,
  'auth/user-token-expired': late,
  'auth/popup-closed-by-user': 'The window was closed before you had signed in. Try again.',
  'auth/cancelled-popup-request': 'Another window was opened. Go on there, or try again.',
  'auth/popup-blocked': 'The browser blocked the window. Allow popups for this page and try again.',
  'auth/account-exists-with-different-credential':
    'You have signed in another way before. Choose that way.',
  'auth/captcha-check-failed': 'The check that you are a person failed. Try again.',
};

// What only the operator can mend. The page says so, with the code to tell them.
const operators = {
  'auth/unauthorized-domain': 'this address is not among the project’s authorized domains',
  'auth/unauthorized-continue-uri': 'this address is not among the project’s authorized domains',
  'auth/operation-not-allowed': 'this way of signing in is not enabled in the project',
  'auth/admin-restricted-operation': 'the project does not let new users in',
  'auth/invalid-api-key': 'the API key is wrong',
  'auth/api-key-not-valid.-please-pass-a-valid-api-key.': 'the API key is wrong',
  'auth/invalid-tenant-id': 'the tenant is unknown',
  'auth/internal-error': 'a part of the sign-in service cannot be loaded',
};

/** A sentence for an error of the SDK's. */
export function words({ code, message }) {
  if (sentences[code]) return sentences[code];
  const cause = operators[code] ?? 'the sign-in service refused';
  console.error(code ?? message);
  return `Signing in does not work: ${cause}. Tell the operator${code ? ` (${code})` : ''}.`;
}
