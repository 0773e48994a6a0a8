// The SDK, set up to forget: nothing of a login stays in the browser.

import { initializeApp } from '@firebase/app';
import {
  browserPopupRedirectResolver,
  connectAuthEmulator,
  inMemoryPersistence,
  initializeAuth,
} from '@firebase/auth';

import { settings } from './page.js';

const { apiKey, authDomain, projectId } = settings;

/** The project's authentication. */
export const auth = initializeAuth(initializeApp({ apiKey, authDomain, projectId }), {
  persistence: inMemoryPersistence,
  ...(settings.popups.length > 0 && { popupRedirectResolver: browserPopupRedirectResolver }),
});
auth.tenantId = settings.tenantId ?? null;
auth.useDeviceLanguage();
if (settings.emulator) connectAuthEmulator(auth, settings.emulator, { disableWarnings: true });
