// Signing in, whichever way: the first factor, the second where the account has one, and the tokens to the broker.

import { attempt } from './attempt.js';
import { post } from './page.js';
import { askSecondFactor } from './second-factor.js';

/** Signs in by what `first` does with the SDK. */
export function signIn(first) {
  return attempt(async () => post((await first()).user), { 'auth/multi-factor-auth-required': askSecondFactor });
}
