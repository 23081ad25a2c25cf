// node serve.mjs FOLDER [PORT]: serves the page on loopback; port 0 takes any free one.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** The file that a request's path names, or null. Nothing above `root` can be named. */
function fileOf(root, url) {
  let path;
  try {
    path = normalize(decodeURIComponent(new URL(url, 'http://localhost').pathname));
  } catch {
    return null;
  }
  const file = join(root, path.endsWith('/') ? join(path, 'index.html') : path);
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? file : null;
}

export function serve(root, port) {
  const server = createServer((request, response) => {
    const file = fileOf(root, request.url);
    if (file === null || !['GET', 'HEAD'].includes(request.method)) {
      response.writeHead(file === null ? 404 : 405).end();
      return;
    }
    response.writeHead(200, {
      'Content-Type': types[extname(file)] ?? 'application/octet-stream',
      'Content-Length': statSync(file).size,
      'Cache-Control': 'no-cache',
    });
    if (request.method === 'HEAD') response.end();
    else createReadStream(file).pipe(response);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve({ server, port: server.address().port }));
  });
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
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
