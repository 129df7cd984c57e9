// One file from the network, checked against its hash.
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { sha256File } from './cache.mjs';
import { Fail, must } from './run.mjs';

const APT_HELPER = '/usr/lib/apt/apt-helper';

/**
 * Downloads url to path unless a file with the wanted hash is there. apt's downloader is preferred
 * because it knows the proxy this machine may need. sha256 '' accepts anything: then the caller checks.
 */
export async function download(url, path, sha256, timeoutSeconds = 120) {
  if (existsSync(path) && sha256 && sha256File(path) === sha256) return;
  const partial = `${path}.part`;
  rmSync(partial, { force: true });
  if (existsSync(APT_HELPER)) {
    const options = ['-o', `Acquire::http::Timeout=${timeoutSeconds}`, '-o', 'Acquire::Retries=2'];
    const args = [...options, '-o', 'APT::Sandbox::User=root', 'download-file', url, partial];
    await must(APT_HELPER, args, { quiet: true });
  } else {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutSeconds * 1000) });
    if (!response.ok) throw new Fail(`${url}: HTTP ${response.status}`);
    writeFileSync(partial, Buffer.from(await response.arrayBuffer()));
  }
  const got = sha256File(partial);
  if (sha256 && got !== sha256) {
    rmSync(partial);
    throw new Fail(`${url}: SHA-256 is ${got}, expected ${sha256}`);
  }
  renameSync(partial, path);
}
