// What every script here starts from: the program under test, and a line for each thing shown.

/** The broker's issuer. */
export const issuer = required('ISSUER');

/** The MCP endpoint behind the guard. */
export const mcpUrl = required('MCP_URL');

/** Says that a thing has been shown. The test that runs the script lists what must be. */
export function shown(what) {
  console.log(`ok - ${what}`);
}

/** Registers a client of this computer by hand, for third parties that cannot do it themselves. */
export async function register(metadata) {
  const answer = await fetch(`${issuer}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_name: 'A test', ...metadata }),
  });
  if (answer.status !== 201) throw new Error(`registration: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: these scripts are run by the Rust tests`);
  return value;
}
