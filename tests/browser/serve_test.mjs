// The server of `./run demo`: whatever it is asked, it answers and goes on. No browser is needed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../web/serve.mjs', import.meta.url));

describe('serve', () => {
  let folder, child, port;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'inoculate serve '));  // with blanks in its name
    const root = join(folder, 'page');
    mkdirSync(join(root, 'folder'), { recursive: true });
    writeFileSync(join(root, 'index.html'), '<p>the page</p>');
    writeFileSync(join(root, 'a b.wasm'), 'module');
    writeFileSync(join(root, 'large.js'), '/'.repeat(3000000));
    writeFileSync(join(folder, 'secret'), 'secret');
    mkdirSync(join(folder, 'page-2'));
    writeFileSync(join(folder, 'page-2', 'secret'), 'secret');
    symlinkSync(join(folder, 'secret'), join(root, 'link'));
    symlinkSync('loop', join(root, 'loop'));
    symlinkSync('a b.wasm', join(root, 'inside.wasm'));
    writeFileSync(join(root, 'forbidden'), 'x');
    chmodSync(join(root, 'forbidden'), 0);
    child = spawn(process.execPath, [program, root, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await new Promise((resolve, reject) => {
      child.stdout.once('data', (data) => resolve(String(data).split('\n')));
      child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
    });
    port = Number(line.match(/http:\/\/127\.0\.0\.1:(\d+)\//)[1]);
  });

  after(() => {
    child?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Sends the bytes of a request as they stand, and gives status, head and body of the answer. */
  const ask = (request) => new Promise((resolve, reject) => {
    const chunks = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => {
      const [head, ...body] = Buffer.concat(chunks).toString('latin1').split('\r\n\r\n');
      resolve({ status: Number(head.match(/^HTTP\/1\.1 (\d+)/)?.[1]), head, body: body.join('\r\n\r\n') });
    });
  });
  const request = (target, method = 'GET') =>
    ask(`${method} ${target} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n`);
  const stillServes = async () => {
    const { status, body } = await request('/');
    assert.deepEqual([status, body], [200, '<p>the page</p>']);
    assert.equal(child.exitCode, null);
  };

  it('gives files with their types and sizes', async () => {
    await stillServes();
    const { status, head, body } = await request('/a%20b.wasm?query#part');
    assert.deepEqual([status, body], [200, 'module']);
    assert.match(head, /Content-Type: application\/wasm\r\nContent-Length: 6\r\n/);
    // Without which a browser gives the page no threads.
    assert.match(head, /Cross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Embedder-Policy: require-corp\r\n/);
    assert.equal((await request('/inside.wasm')).body, 'module');
    assert.equal((await request('/large.js')).body.length, 3000000);
  });

  it('answers HEAD with the head alone, and refuses other methods', async () => {
    const { status, head, body } = await request('/index.html', 'HEAD');
    assert.deepEqual([status, body], [200, '']);
    assert.match(head, /Content-Length: 15\r\n/);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      assert.equal((await request('/', method)).status, 405);
    }
  });

  it('answers names that name nothing with 404, and lives on', async () => {
    const targets = [`/${'a'.repeat(5000)}`, `/${'a/'.repeat(2000)}`, '/%00', '/a%00.js', '/%', '/%ff%fe',
                     '/%E0%A4%A', '/none', '/folder', '/folder/', '/index.html/', '/loop', '//',
                     'http://[', '*', '/..%2f', '/?%'];
    for (const target of targets) {
      const { status } = await request(target);
      assert(status === 404 || (target === '/?%' && status === 200), `${target.slice(0, 20)}: ${status}`);
      await stillServes();
    }
  });

  it('gives nothing that lies outside its folder', async () => {
    for (const target of ['/../secret', '/%2e%2e/secret', '/..%2fsecret', '/folder/../../secret', '/link',
                          '/%2e%2e%2fpage-2%2fsecret', '/..%2fpage%2f..%2fsecret', '//etc/passwd',
                          '/%2fetc%2fpasswd', '/..%5csecret', 'file:///etc/passwd']) {
      const { status, body } = await request(target);
      assert.equal(status, 404, target);
      assert.equal(body, '', target);
    }
    await stillServes();
  });

  it('lives on after what is no request, after visitors who leave, and files it may not read', async () => {
    assert.equal((await ask('nonsense\r\n\r\n')).status, 400);
    await ask(`GET / HTTP/1.1\r\nHost: ${'x'.repeat(100000)}\r\n\r\n`).catch(() => {});
    await request('/forbidden');  // root may read it, others not: either way an answer
    await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write('GET /large.js HTTP/1.1\r\nHost: here\r\n\r\n');
        socket.once('data', () => { socket.destroy(); resolve(); });
      });
    });
    await stillServes();
  });
});
