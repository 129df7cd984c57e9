// A static file server for the demo and the browser tests; no caching, range requests, and on demand
// the headers that make a page cross-origin isolated (threads need them).
import { createReadStream, realpathSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.txt': 'text/plain; charset=utf-8',
};

/**
 * Serves folders: mounts maps a URL prefix ('/', '/shared/') to a folder; the longest prefix wins.
 * handler(request, response) may answer first by returning true; until(path) may return a promise after which the
 * file is there. Resolves to {url, close, requests}, requests being the paths asked for so far.
 */
export function serve(mounts, options = {}) {
  const { port = 0, host = '127.0.0.1', isolated = false, headers = {} } = options;
  const { handler, until } = options;
  const prefixes = Object.keys(mounts).sort((a, b) => b.length - a.length);
  const requests = [];
  const server = createServer((request, response) => {
    const path = pathOf(request.url);
    if (path === undefined) {
      response.writeHead(400, { 'Content-Type': 'text/plain' }).end('malformed address\n');
      return;
    }
    requests.push(path);
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
      response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
    }
    response.setHeader('Cache-Control', 'no-store');
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (handler?.(request, response)) return;
    const prefix = prefixes.find((candidate) => path.startsWith(candidate));
    const send = () =>
      sendFile(request, response, prefix && fileBelow(mounts[prefix], path.slice(prefix.length)));
    const awaited = until?.(path);
    if (awaited) awaited.then(send);
    else send();
  });
  return new Promise((done, failed) => {
    server.on('error', failed);
    server.listen(port, host, () => {
      const url = `http://localhost:${server.address().port}`;
      const close = () =>
        new Promise((closed) => server.close(closed) && server.closeAllConnections());
      done({ url, close, requests });
    });
  });
}

/** serve() at the wanted port, or at a free one where that is taken or not allowed. */
export function serveAtOrNear(mounts, options) {
  return serve(mounts, options).catch((error) => {
    if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') throw error;
    return serve(mounts, { ...options, port: 0 });
  });
}

/** The path of a request's address, undefined where it is malformed ('/%'). */
function pathOf(address) {
  try {
    return decodeURIComponent(address.replace(/[?#].*$/s, ''));
  } catch {
    return undefined;
  }
}

const isHidden = (name) => name.startsWith('.');

const statOf = (path) => statSync(path, { throwIfNoEntry: false });

/**
 * {path, size} of a file below folder, or of the index.html of a folder there; undefined for what is none, what begins
 * with a dot, and what a link leads to outside of the folder.
 */
function fileBelow(folder, relative) {
  if (relative.includes('\0') || relative.split(/[/\\]/).some(isHidden)) {
    return undefined;
  }
  try {
    let path = normalize(join(folder, relative));
    if (statOf(path)?.isDirectory()) path = join(path, 'index.html');
    const root = realpathSync(folder);
    const real = realpathSync(path);
    const stat = statOf(real);
    const below = root.endsWith(sep) ? root : root + sep;
    if (!real.startsWith(below) || !stat?.isFile()) return undefined;
    // A link may lead to what a request may not name.
    if (real.slice(below.length).split(sep).some(isHidden)) return undefined;
    return { path: real, size: stat.size };
  } catch {
    return undefined; // not there, a file used as a folder, a name that is too long
  }
}

/** {start, end} of the one range that is asked for, the whole file for what is no such range, undefined for none of it. */
function rangeOf(header, size) {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  const whole = { start: 0, end: size - 1, isPart: false };
  if (first === undefined || (first === '' && last === '')) return whole;
  if (first === '')
    return last > 0 ? { start: Math.max(size - last, 0), end: size - 1, isPart: true } : undefined;
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (Number(first) >= size) return undefined;
  return Number(first) > end ? whole : { start: Number(first), end, isPart: true };
}

function sendFile(request, response, file) {
  if (!file) {
    response.writeHead(404, { 'Content-Type': 'text/plain' }).end('not found\n');
    return;
  }
  const { path, size } = file;
  response.setHeader('Content-Type', TYPES[extname(path)] ?? 'application/octet-stream');
  response.setHeader('Accept-Ranges', 'bytes');
  const range = rangeOf(request.headers.range, size);
  if (!range) {
    response.writeHead(416, { 'Content-Range': `bytes */${size}`, 'Content-Length': 0 }).end();
    return;
  }
  const { start, end, isPart } = range;
  if (isPart) response.setHeader('Content-Range', `bytes ${start}-${end}/${size}`);
  response.writeHead(isPart ? 206 : 200, { 'Content-Length': Math.max(end - start + 1, 0) });
  if (request.method === 'HEAD' || size === 0) {
    response.end();
    return;
  }
  // A file that vanishes meanwhile ends the answer, not the server.
  createReadStream(path, { start, end })
    .on('error', () => response.destroy())
    .pipe(response);
}
