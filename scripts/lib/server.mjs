// A static file server for the demo and the browser tests; no caching, range requests, and on demand
// the headers that make a page cross-origin isolated (threads need them).
import { createReadStream, existsSync, statSync } from 'node:fs';
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
 * handler(request, response) may answer first by returning true. Resolves to {url, close, requests},
 * requests being the paths asked for so far.
 */
export function serve(mounts, options = {}) {
  const { port = 0, host = '127.0.0.1', isolated = false, headers = {}, handler } = options;
  const prefixes = Object.keys(mounts).sort((a, b) => b.length - a.length);
  const requests = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://x').pathname);
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
    sendFile(request, response, prefix && inside(mounts[prefix], path.slice(prefix.length)));
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

/** Path of a file below folder, or '' when it would leave the folder. */
function inside(folder, relative) {
  const path = normalize(join(folder, relative));
  return path === normalize(folder) || path.startsWith(normalize(folder + sep)) ? path : '';
}

function sendFile(request, response, found) {
  let path = found;
  if (path && existsSync(path) && statSync(path).isDirectory()) path = join(path, 'index.html');
  if (!path || !existsSync(path)) {
    response.writeHead(404, { 'Content-Type': 'text/plain' }).end('not found\n');
    return;
  }
  const size = statSync(path).size;
  response.setHeader('Content-Type', TYPES[extname(path)] ?? 'application/octet-stream');
  response.setHeader('Accept-Ranges', 'bytes');
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const start = range ? Number(range[1]) : 0;
  const end = range && range[2] ? Math.min(Number(range[2]), size - 1) : size - 1;
  if (range && start >= size) {
    response.writeHead(416, { 'Content-Range': `bytes */${size}` }).end();
    return;
  }
  if (range) response.setHeader('Content-Range', `bytes ${start}-${end}/${size}`);
  response.writeHead(range ? 206 : 200, { 'Content-Length': Math.max(end - start + 1, 0) });
  if (request.method === 'HEAD' || size === 0) response.end();
  else createReadStream(path, { start, end }).pipe(response);
}
