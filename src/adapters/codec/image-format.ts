// Which image format some bytes are, told by their magic bytes alone: what is not on this list never reaches a decoder.

export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'tiff' | 'gif';

/** Names of the formats that are decoded, for messages. */
export const IMAGE_FORMATS = 'JPEG, PNG, WebP, AVIF, TIFF or GIF';

const starts = (bytes: Uint8Array, magic: string, at = 0) =>
  bytes.length >= at + magic.length && [...magic].every((char, i) => bytes[at + i] === char.charCodeAt(0));

/** AVIF is an ISO-BMFF file whose major or compatible brands name it: size, "ftyp", major brand, version, compatible brands. */
function isAvif(bytes: Uint8Array): boolean {
  if (!starts(bytes, 'ftyp', 4)) return false;
  const boxBytes = Math.min(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0), bytes.length);
  for (let at = 8; at + 4 <= Math.min(boxBytes, 256); at += 4) {
    if (starts(bytes, 'avif', at) || starts(bytes, 'avis', at)) return true;
  }
  return false;
}

/** The format of an encoded image, or null for everything else (SVG, PDF, HEIC, text, nothing at all). */
export function imageFormat(bytes: Uint8Array): ImageFormat | null {
  if (starts(bytes, '\xff\xd8\xff')) return 'jpeg';
  if (starts(bytes, '\x89PNG\r\n\x1a\n')) return 'png';
  if (starts(bytes, 'RIFF') && starts(bytes, 'WEBP', 8)) return 'webp';
  if (starts(bytes, 'GIF87a') || starts(bytes, 'GIF89a')) return 'gif';
  if (starts(bytes, 'II*\0') || starts(bytes, 'MM\0*') || starts(bytes, 'II+\0') || starts(bytes, 'MM\0+'))
    return 'tiff';
  return isAvif(bytes) ? 'avif' : null;
}
