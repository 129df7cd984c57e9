/** Answers that are no model, told by their first bytes and their type. */
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import { extensionOf, shownAddress } from './address.js';

/** Bytes that are enough to tell. */
export const HEAD_BYTES = 256;

/** Identifiers of model files, at byte 4. */
const IDENTIFIERS: Record<string, RegExp> = { pte: /^ET\d\d/, tflite: /^TFL3/ };

/** @throws ExecutorchError ResourceFetcherDownloadFailed for what is certainly not the file. */
export function refuseWrongContent(url: string, head: Uint8Array, contentType: string): void {
  const extension = extensionOf(url);
  if (head.byteLength === 0) throw refused(url, 'the answer is empty: 0 bytes');
  const text = String.fromCharCode(...head.subarray(0, HEAD_BYTES));
  const what = nameOf(text.replace(/^\s+/, ''), contentType, extension);
  if (what) throw refused(url, `the server's answer is ${what}`);
  const identifier = IDENTIFIERS[extension];
  if (identifier && !identifier.test(text.slice(4, 8))) {
    throw refused(
      url,
      `the answer is no .${extension} file: it begins with ${JSON.stringify(text.slice(0, 16))}`,
    );
  }
}

function nameOf(text: string, contentType: string, extension: string): string | undefined {
  if (text.startsWith('version https://git-lfs')) {
    return 'a Git LFS pointer, not the file itself: use the address with /resolve/, not /raw/';
  }
  const isHtml =
    /^<(!doctype html|html|head|body)\b/i.test(text) || /^text\/html\b/i.test(contentType);
  if (isHtml && !/^x?html?$/.test(extension)) return 'an HTML page: the address is wrong';
  if (/^<\?xml\b|^<Error>/.test(text) && !/^(xml|svg)$/.test(extension)) {
    return `an XML message: ${text.slice(0, 120)}`;
  }
  const isJson =
    /^[{[]/.test(text) && (/^application\/json\b/i.test(contentType) || /^\{"error"/.test(text));
  if (isJson && extension !== 'json') return `a JSON message: ${text.slice(0, 120)}`;
  return undefined;
}

function refused(url: string, reason: string): ExecutorchError {
  return new ExecutorchError(
    ErrorCode.ResourceFetcherDownloadFailed,
    `Cannot download ${shownAddress(url)}: ${reason}.`,
  );
}
