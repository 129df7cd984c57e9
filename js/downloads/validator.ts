/** What tells one version of a server's file from another: ETag and date. */
import type { Validator } from './store/types.js';

export function validatorOf(headers: Headers): Validator {
  const etag = headers.get('etag');
  const lastModified = headers.get('last-modified');
  return { ...(etag ? { etag } : {}), ...(lastModified ? { lastModified } : {}) };
}

/**
 * Compares ETags as those of one file in several encodings: nginx weakens the tag of what it compresses, Apache puts
 * the encoding behind it. Our bytes are the decoded ones.
 */
export function isSameTag(a: string, b: string): boolean {
  return plainTag(a) === plainTag(b);
}

function plainTag(tag: string): string {
  return tag.replace(/^W\//, '').replace(/[-;:](gzip|br|zstd|deflate)"$/, '"');
}
