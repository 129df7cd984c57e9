// A model hub on this machine that misbehaves on demand: what download tests and benchmarks fetch from.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';

/** Bytes that look like a .pte file from outside: the identifier, then noise that does not compress. */
export function fakeModel(size, seed = 1) {
  const bytes = Buffer.alloc(size);
  let state = seed >>> 0 || 1;
  for (let i = 0; i + 4 <= size; i += 4) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes.writeUInt32LE(state >>> 0, i);
  }
  bytes.write('ET12', 4);
  return bytes;
}

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

const PIECE = 64 << 10;
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Starts the hub. `hub.put(path, bytes, how)` publishes a file; `how` may hold
 *   ranges: false       the server knows no Range
 *   etag, lastModified  validators; default: an ETag made of the digest; null for none
 *   length: false       no Content-Length
 *   gzip: true          compressed on the way
 *   rate                bytes per second
 *   hold                nothing behind the file's first `hold` bytes is sent while this is set
 *   redirect: true      302 to a signed address that is good for one request; or an address, of another host
 *   parts               how parts are answered: a status, or 'gzip' (compressed), 'cut' (the connection breaks), 'bare'
 *                       (no Content-Range), 'short' (at most 64 KiB of what was asked for)
 *   conditional: false  the server does not know If-None-Match and If-Modified-Since
 *   pointer: false      no LFS pointer under /raw/
 *   cors: false         other origins may not read it; partCors: false: not parts of it
 *   headers             more headers
 *   faults              a list: each request for the file takes the next one (undefined: none). A fault is
 *     {cut: n}          the connection breaks after n bytes of the body
 *     {stall: n}        nothing comes after n bytes
 *     {status, headers, body}   this answer instead
 *     {empty: true}     206 without a byte
 *     {shift: n}        206 that begins n bytes later than asked
 *     {bytes}           another file from now on
 */
export async function startHub() {
  const files = new Map();
  const requests = [];
  const signed = new Map();
  const sockets = new Set();

  async function answer(request, response) {
    const { pathname } = new URL(request.url, 'http://x');
    const path = decodeURIComponent(pathname);
    const entry = { method: request.method, path, range: request.headers.range, sent: 0 };
    entry.headers = request.headers;
    requests.push(entry);
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Allow-Headers', '*');
    response.setHeader('Access-Control-Expose-Headers', '*');
    if (request.method === 'OPTIONS') return end(response, entry, 204);
    const file = files.get(path);
    if (file) return answerFile(request, response, entry, file);
    if (path.startsWith('/signed/')) return answerSigned(request, response, entry, path);
    const real = files.get(path.replace('/raw/', '/resolve/'));
    if (real && path.includes('/raw/') && real.how.pointer !== false) {
      return end(response, entry, 200, pointerOf(real.bytes));
    }
    end(response, entry, 404, 'Entry not found', { 'Content-Type': 'text/plain' });
  }

  function answerFile(request, response, entry, file) {
    const { how } = file;
    if (!how.redirect) return send(request, response, entry, file);
    if (how.redirect !== true) return end(response, entry, 302, '', { Location: how.redirect });
    const token = Math.random().toString(36).slice(2);
    signed.set(`/signed/${token}`, file);
    end(response, entry, 302, '', { Location: `/signed/${token}?Expires=1` });
  }

  function answerSigned(request, response, entry, path) {
    const file = signed.get(path);
    signed.delete(path);
    if (!file) return end(response, entry, 403, '<?xml version="1.0"?><Error>expired</Error>');
    return send(request, response, entry, file);
  }

  async function send(request, response, entry, file) {
    const { how } = file;
    const fault = request.method === 'GET' ? how.faults?.shift() : undefined;
    if (fault?.bytes) file.bytes = fault.bytes;
    if (fault?.status) return end(response, entry, fault.status, fault.body, fault.headers);
    if (isUnchanged(request, file)) return end(response, entry, 304, '', validatorsOf(file));
    const body = how.gzip ? gzipSync(file.bytes) : file.bytes;
    const size = body.length;
    const range = how.ranges !== false && /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    const condition = request.headers['if-range'];
    const isPart = range && (condition === undefined || condition === etagOf(file));
    if (isPart && typeof how.parts === 'number') return end(response, entry, how.parts, 'no parts');
    if (isPart && how.parts === 'cut') return response.destroy();
    let start = isPart ? Number(range[1]) : 0;
    const asked = isPart && range[2] ? Number(range[2]) : size - 1;
    const most = isPart && how.parts === 'short' ? start + PIECE - 1 : size - 1;
    const last = Math.min(asked, most, size - 1);
    if (isPart && start >= size) {
      const told = how.parts === 'bare' ? {} : { 'Content-Range': `bytes */${size}` };
      return end(response, entry, 416, '', told);
    }
    if (isPart && fault?.shift) start += fault.shift;
    response.setHeader('Content-Type', how.type ?? 'application/octet-stream');
    if (how.gzip || (isPart && how.parts === 'gzip'))
      response.setHeader('Content-Encoding', 'gzip');
    for (const [name, value] of Object.entries(validatorsOf(file))) response.setHeader(name, value);
    if (how.ranges !== false) response.setHeader('Accept-Ranges', 'bytes');
    if (isPart && how.parts !== 'bare')
      response.setHeader('Content-Range', `bytes ${start}-${last}/${size}`);
    if (how.length !== false && !fault?.empty)
      response.setHeader('Content-Length', last + 1 - start);
    if (how.cors === false || (isPart && how.partCors === false))
      response.removeHeader('Access-Control-Allow-Origin');
    for (const [name, value] of Object.entries(how.headers ?? {})) response.setHeader(name, value);
    response.writeHead(isPart ? 206 : 200);
    entry.status = isPart ? 206 : 200;
    if (request.method === 'HEAD' || fault?.empty) return response.end();
    await stream(response, entry, { body: body.subarray(start, last + 1), start }, how, fault);
  }

  async function stream(response, entry, { body, start }, how, fault) {
    const { rate } = how;
    const limit = Math.min(fault?.cut ?? Infinity, fault?.stall ?? Infinity, body.length);
    for (let at = 0; at < limit && !response.destroyed; at += PIECE) {
      await released(response, how, start + at);
      const piece = body.subarray(at, Math.min(limit, at + PIECE));
      entry.sent += piece.length;
      if (!response.write(piece)) await drained(response);
      if (rate) await wait((piece.length / rate) * 1000);
    }
    if (fault?.stall !== undefined) return;
    if (fault?.cut === undefined) return response.end();
    // What was written must get out, and be read, or it is lost with the connection.
    await wait(100);
    response.destroy();
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://localhost:${server.address().port}`;
  return {
    url,
    requests,
    /** Publishes a file; returns its address, its digest and the settings, which may be changed later. */
    put(path, bytes, how = {}) {
      files.set(path, { bytes, how });
      return { url: url + path, sha256: sha256(bytes), how };
    },
    remove: (path) => files.delete(path),
    /**
     * Requests for the bytes of a file; signed addresses count with it. Neither what browsers ask on their own (OPTIONS) nor
     * the question whether it has changed.
     */
    downloadsOf: (path) =>
      requests.filter(
        (one) => (one.path === path || one.path.startsWith('/signed/')) && isForBytes(one),
      ),
    /** Bytes of bodies that were sent for files. */
    sent: () => requests.reduce((sum, one) => sum + one.sent, 0),
    forget: () => requests.splice(0),
    /** Breaks all connections. */
    disconnect: () => sockets.forEach((socket) => socket.destroy()),
    close() {
      sockets.forEach((socket) => socket.destroy());
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

const isForBytes = ({ method, headers }) =>
  method === 'GET' && !headers['if-none-match'] && !headers['if-modified-since'];

/** Resolves when what is at this position of the file may be sent. */
async function released(response, how, position) {
  while (position >= (how.hold ?? Infinity) && !response.destroyed) await wait(10);
}

function drained(response) {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

function end(response, entry, status, body = '', headers = {}) {
  entry.status = status;
  response.writeHead(status, headers).end(body);
}

function etagOf({ bytes, how }) {
  if (how.etag === null) return undefined;
  return how.etag ?? `"${sha256(bytes).slice(0, 16)}"`;
}

function validatorsOf(file) {
  const etag = etagOf(file);
  const { lastModified } = file.how;
  return { ...(etag && { ETag: etag }), ...(lastModified && { 'Last-Modified': lastModified }) };
}

function isUnchanged({ headers }, file) {
  if (file.how.conditional === false) return false;
  const etag = headers['if-none-match'];
  if (etag !== undefined) return etag === etagOf(file);
  const date = headers['if-modified-since'];
  return date !== undefined && Date.parse(file.how.lastModified) <= Date.parse(date);
}

function pointerOf(bytes) {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256(bytes)}\nsize ${bytes.length}\n`;
}
