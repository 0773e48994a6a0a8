// Supabase's own client, unmodified, against the stand-in: every call that the broker makes, made by `@supabase/auth-js`.
// It believes what it is told only where it has checked it itself.
import assert from 'node:assert/strict';
import { AuthClient } from '@supabase/auth-js';

const url = `${process.env.SUPABASE_URL}/auth/v1`;
const callback = 'https://app.example/callback?state=of-the-app';

function memory() {
  const kept = new Map();
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
  };
}

function client(key = process.env.SUPABASE_PUBLISHABLE_KEY) {
  return new AuthClient({
    url,
    headers: { apikey: key },
    flowType: 'pkce',
    autoRefreshToken: false,
    detectSessionInUrl: false,
    persistSession: true,
    storage: memory(),
  });
}

function good({ data, error }) {
  assert.equal(error, null, error?.message);
  return data;
}

async function refused(answer, code) {
  const { error } = await answer;
  assert.equal(error?.code, code, error?.message ?? 'it was not refused');
}

async function away(auth) {
  const options = { redirectTo: callback, skipBrowserRedirect: true };
  let { url: next } = good(await auth.signInWithOAuth({ provider: 'google', options }));
  while (next.startsWith(process.env.SUPABASE_URL)) {
    const answer = await fetch(next, { redirect: 'manual' });
    next = answer.headers.get('location');
    assert.ok(next, `no redirect from ${answer.url}`);
  }
  return new URL(next);
}

const ada = { email: 'ada@example.com', password: 'correct horse' };

const steps = {
  async "a key that is not the project's is refused"() {
    const { error } = await client('sb_publishable_of_another').signInWithPassword(ada);
    assert.equal(error?.status, 401);
  },

  async 'signInWithPassword'() {
    const auth = client();
    const { session, user } = good(await auth.signInWithPassword(ada));
    assert.equal(user.email, ada.email);
    assert.ok(user.email_confirmed_at && session.expires_at * 1000 > Date.now());
    await refused(auth.signInWithPassword({ ...ada, password: 'wrong' }), 'invalid_credentials');
    await refused(auth.signInWithPassword({ ...ada, email: 'nobody@example.com' }), 'invalid_credentials');
    await refused(auth.signInWithPassword({ email: 'bea@example.com', password: 'pw' }), 'email_not_confirmed');
    await refused(auth.signInWithPassword({ email: 'ban@example.com', password: 'pw' }), 'user_banned');
  },

  async 'getClaims'() {
    const auth = client();
    const { session } = good(await auth.signInWithPassword(ada));
    const { claims, header } = good(await auth.getClaims(session.access_token));
    assert.equal(header.alg, process.env.ALGORITHM);
    assert.equal(claims.iss, url);
    assert.equal(claims.aud, 'authenticated');
    assert.equal(claims.aal, 'aal1');
    const forged = session.access_token.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')).replace(/\.[^.]*$/, '.AAAA');
    const { error } = await auth.getClaims(forged);
    assert.ok(error, 'a forged token is refused');
  },

  async 'getUser'() {
    const auth = client();
    const { session, user } = good(await auth.signInWithPassword(ada));
    assert.equal(good(await auth.getUser(session.access_token)).user.id, user.id);
    await refused(auth.getUser('no.such.token'), 'bad_jwt');
  },

  async 'exchangeCodeForSession'() {
    const auth = client();
    const back = await away(auth);
    assert.equal(`${back.origin}${back.pathname}`, 'https://app.example/callback');
    assert.equal(back.searchParams.get('state'), 'of-the-app');
    const code = back.searchParams.get('code');
    const { session } = good(await auth.exchangeCodeForSession(code));
    assert.equal(session.user.email, ada.email);
    // The verifier of another attempt, and then the code once more.
    const other = client();
    const stolen = (await away(other)).searchParams.get('code');
    const thief = client();
    await away(thief);
    await refused(thief.exchangeCodeForSession(stolen), 'bad_code_verifier');
    await away(auth);
    await refused(auth.exchangeCodeForSession(code), 'flow_state_not_found');
  },

  async 'signInWithOtp and verifyOtp'() {
    const auth = client();
    const options = { shouldCreateUser: false };
    await refused(auth.signInWithOtp({ email: 'nobody@example.com', options }), 'otp_disabled');
    good(await auth.signInWithOtp({ email: ada.email, options }));
    // A reader of Ada's mail.
    const token = (await (await fetch(`${process.env.MAIL}?to=${ada.email}`)).text()).trim();
    await refused(auth.verifyOtp({ type: 'email', email: ada.email, token: 'wrong' }), 'otp_expired');
    const { session } = good(await auth.verifyOtp({ type: 'email', email: ada.email, token }));
    assert.equal(session.user.email, ada.email);
    await refused(auth.verifyOtp({ type: 'email', email: ada.email, token }), 'otp_expired');
  },

  async 'mfa.challenge and mfa.verify'() {
    const auth = client();
    good(await auth.signInWithPassword({ email: 'mia@example.com', password: 'pw' }));
    const before = good(await auth.mfa.getAuthenticatorAssuranceLevel());
    assert.deepEqual([before.currentLevel, before.nextLevel], ['aal1', 'aal2']);
    const factor = good(await auth.mfa.listFactors()).totp[0];
    const asked = good(await auth.mfa.challenge({ factorId: factor.id }));
    const answer = { factorId: factor.id, challengeId: asked.id };
    await refused(auth.mfa.verify({ ...answer, code: '000000' }), 'mfa_verification_failed');
    good(await auth.mfa.verify({ ...answer, code: '123456' }));
    const after = good(await auth.mfa.getAuthenticatorAssuranceLevel());
    assert.equal(after.currentLevel, 'aal2');
  },

  async 'refreshSession'() {
    const auth = client();
    const first = good(await auth.signInWithPassword(ada)).session;
    const second = good(await auth.refreshSession({ refresh_token: first.refresh_token })).session;
    assert.notEqual(second.refresh_token, first.refresh_token);
    // The answer may have been lost: the same successor.
    const again = good(await auth.refreshSession({ refresh_token: first.refresh_token })).session;
    assert.equal(again.refresh_token, second.refresh_token);
    good(await auth.refreshSession({ refresh_token: second.refresh_token }));
    await refused(auth.refreshSession({ refresh_token: first.refresh_token }), 'refresh_token_already_used');
    await refused(auth.refreshSession({ refresh_token: second.refresh_token }), 'refresh_token_not_found');
  },

  async 'signOut'() {
    const [here, there] = [client(), client()];
    const mine = good(await here.signInWithPassword(ada)).session;
    const other = good(await there.signInWithPassword(ada)).session;
    assert.equal((await here.signOut({ scope: 'local' })).error, null);
    await refused(client().refreshSession({ refresh_token: mine.refresh_token }), 'refresh_token_not_found');
    good(await client().refreshSession({ refresh_token: other.refresh_token }));
  },
};

for (const [name, step] of Object.entries(steps)) {
  await step();
  console.log(`ok - ${name}`);
}
