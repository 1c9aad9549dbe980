// The classes of the glyph frames: 8 digits and 24 capitals. 0, 1, I and O are left out, because in many fonts they are the
// same shape as each other; 2/Z, 5/S, 8/B, 6/G and U/V stay: alike, but a careful reader can tell them apart.
export const GLYPH_CLASSES: readonly string[] = [...'23456789ABCDEFGHJKLMNPQRSTUVWXYZ'];
