// The running demo under test.

/** The broker's issuer. */
export const issuer = required('ISSUER');

/** The MCP endpoint behind the guard. */
export const mcpUrl = required('MCP_URL');

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
