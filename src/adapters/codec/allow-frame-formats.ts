// What the image library may do in a process that takes frames from strangers: read the six frame formats from memory, nothing else.
import sharp from 'sharp';

const FRAME_LOADERS = ['Jpeg', 'Png', 'Webp', 'Heif', 'Tiff', 'Nsgif'].map((name) => `VipsForeignLoad${name}Buffer`);

/**
 * Blocks every loader of libvips but those of the frame formats: no SVG, no PDF, no files, nothing that could reach for a file or the
 * network. A second wall behind `imageFormat`, which lets no other bytes through. For the whole process, for good.
 */
export function allowFrameFormatsOnly(): void {
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: FRAME_LOADERS });
}
