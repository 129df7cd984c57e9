/** WebP's orientation: browsers disagree about it, so it is hidden from them and applied here. */

const text = (bytes: Uint8Array, at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));

/** A copy of a WebP file whose EXIF chunk no decoder knows; the file itself when it has none. */
export function withoutExif(bytes: Uint8Array): Uint8Array {
  if (text(bytes, 8) !== 'WEBP') return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 12; at + 8 <= bytes.length;) {
    if (text(bytes, at) === 'EXIF') {
      const copy = bytes.slice();
      copy.set([0x78, 0x78, 0x78, 0x78], at);
      return copy;
    }
    const size = view.getUint32(at + 4, true);
    at += 8 + size + (size % 2);
  }
  return bytes;
}
