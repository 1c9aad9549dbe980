// The open fonts that glyph frames are drawn with, split between training and test: no family is in both.

/** wide: those of train and many more, for which `npm run setup:fonts` is run once. */
export type Split = 'train' | 'wide' | 'test';

/** [family = package @fontsource/<family>, weights]. All OFL-1.1, UFL-1.0 or Apache-2.0. */
export type Family = readonly [family: string, ...weights: number[]];

/** Serif, slab, sans, geometric, condensed, mono, display, brush and handwriting, in both splits. */
export const FONTS: Readonly<Record<'train' | 'test', readonly Family[]>> = {
  train: [
    ['lora', 400, 700],
    ['playfair-display', 400, 800],
    ['abril-fatface', 400],
    ['cinzel', 400, 700],
    ['arvo', 400, 700],
    ['roboto-slab', 300, 700],
    ['rokkitt', 400, 800],
    ['alfa-slab-one', 400],
    ['ultra', 400],
    ['archivo-black', 400],
    ['josefin-sans', 300, 600],
    ['comfortaa', 400, 700],
    ['fredoka', 400, 700],
    ['oswald', 300, 600],
    ['anton', 400],
    ['staatliches', 400],
    ['orbitron', 400, 800],
    ['audiowide', 400],
    ['courier-prime', 400, 700],
    ['chivo-mono', 400, 800],
    ['vt323', 400],
    ['press-start-2p', 400],
    ['special-elite', 400],
    ['bangers', 400],
    ['black-ops-one', 400],
    ['rye', 400],
    ['lobster', 400],
    ['permanent-marker', 400],
    ['kalam', 400, 700],
    ['patrick-hand', 400],
  ],
  test: [
    ['crimson-text', 400, 700],
    ['zilla-slab', 400, 700],
    ['philosopher', 400, 700],
    ['righteous', 400],
    ['teko', 400, 600],
    ['bebas-neue', 400],
    ['space-mono', 400, 700],
    ['cutive-mono', 400],
    ['titan-one', 400],
    ['bungee', 400],
    ['playball', 400],
    ['caveat', 400, 700],
    ['gochi-hand', 400],
  ],
};
