// What stands before a real upstream, so that it can fail as upstreams do, and be told to.
//
// GET /test/fail?at=/token&how=down makes every request to a path under `at` fail; GET /test/mend ends that.

import { createServer } from 'node:http';

const TEN_MEGABYTES = 10 * 1024 * 1024;

const ways = {
  down: (_, answer) => answer.writeHead(503).end(),
  oversized: (_, answer) => {
    answer.writeHead(200, { 'content-type': 'application/json' });
    answer.end(`{"padding": "${' '.repeat(TEN_MEGABYTES)}"}`);
  },
  redirect: (_, answer) => answer.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
  silent: () => {},
  slow: (_, answer) => {
    answer.writeHead(200, { 'content-type': 'application/json' });
    const drip = setInterval(() => answer.write(' '), 100);
    answer.on('close', () => clearInterval(drip));
  },
  // As Google refuses a key that is not the project's.
  'wrong-key': (_, answer) => {
    const error = { code: 400, message: 'API key not valid. Please pass a valid API key.', status: 'INVALID_ARGUMENT' };
    answer.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
  },
};

/** Serves on 127.0.0.1 and says so. `commands` are more of `/test/…`, by name; they get the query. */
export function front(port, handler, commands = {}) {
  const failures = new Map();
  const told = {
    fail: (query) => void failures.set(query.get('at'), query.get('how')),
    mend: () => failures.clear(),
    ...commands,
  };
  const server = createServer(async (request, answer) => {
    const { pathname, searchParams } = new URL(request.url, 'http://front');
    const command = pathname.startsWith('/test/') && told[pathname.slice('/test/'.length)];
    if (command) {
      const said = await command(searchParams);
      answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(said ?? null));
      return;
    }
    const failure = [...failures].find(([at]) => pathname.startsWith(at));
    if (failure) ways[failure[1]](request, answer);
    else handler(request, answer);
  });
  server.listen(port, '127.0.0.1', () => console.log('ready'));
}
