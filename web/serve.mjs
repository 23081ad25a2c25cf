// node serve.mjs FOLDER [PORT]: serves the page on loopback; port 0 takes any free one.
import { createReadStream, realpathSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, sep } from 'node:path';
import { pipeline } from 'node:stream';
import { pathToFileURL } from 'node:url';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

// Only a page that is isolated from all other origins may have threads.
const isolated = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/**
 * The file that a request's target names and its size, or null where it names none: what cannot be
 * decoded, is too long or holds a NUL, folders, and whatever lies outside `root`, also by a link.
 */
function fileOf(root, target) {
  try {
    const path = decodeURIComponent(new URL(target, 'http://localhost').pathname);
    const real = realpathSync(join(root, path.endsWith('/') ? `${path}index.html` : path));
    if (!real.startsWith(realpathSync(root) + sep)) return null;
    const stat = statSync(real);
    return stat.isFile() ? { path: real, size: stat.size } : null;
  } catch {
    return null;  // a bad name, or no such file
  }
}

function answer(root, headers, request, response) {
  const reading = ['GET', 'HEAD'].includes(request.method);
  const file = reading ? fileOf(root, request.url) : null;
  if (file === null) {
    response.writeHead(reading ? 404 : 405, { 'Content-Length': 0 }).end();
    return;
  }
  response.writeHead(200, {
    'Content-Type': types[extname(file.path)] ?? 'application/octet-stream',
    'Content-Length': file.size,
    'Cache-Control': 'no-cache',
    ...headers,
  });
  if (request.method === 'HEAD') {
    response.end();
  } else {
    // A file that cannot be read, or a visitor who leaves, ends this answer and nothing else.
    pipeline(createReadStream(file.path), response, () => {});
  }
}

/** Answers with these headers beside those of each file; gives the server and its port. */
export function serve(root, port, headers = isolated) {
  const server = createServer((request, response) => answer(root, headers, request, response));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve({ server, port: server.address().port }));
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  const [root, port = '8000'] = process.argv.slice(2);
  try {
    const served = await serve(root, Number(port));
    console.log(`Inoculate is at http://127.0.0.1:${served.port}/ (Ctrl-C ends it)`);
  } catch (error) {
    console.error(error.code === 'EADDRINUSE'
      ? `run: port ${port} is in use; choose another with --port N` : `run: ${error.message}`);
    process.exit(1);
  }
}
