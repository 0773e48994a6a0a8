// Trying something that the SDK may refuse.

import { complain } from './page.js';
import { words } from './words.js';

/** Does it; where the SDK refuses, goes on as `answers` says for the refusal's code, or says what went wrong. */
export async function attempt(act, answers = {}) {
  try {
    await act();
  } catch (error) {
    const answer = answers[error.code];
    if (answer) answer(error);
    else complain(words(error));
  }
}
