// First values: a Dirac convolution passes its input on; every tensor that serving will need is there.
import { describe, expect, it } from 'vitest';
import { fold } from '../../../src/network/fold.ts';
import { tensorShapes } from '../../../src/network/shapes.ts';
import { initialParameters } from '../../../src/training/parameters.ts';
import { PRESETS, presetNetwork } from '../../../src/training/presets.ts';
import { random } from '../../../src/training/random.ts';

const zeros = (kernel: number, out: number) => new Float32Array(kernel * kernel * 3 * out);

describe('initialParameters', () => {
  it.each(PRESETS)('has what a bundle of %s is folded from', (preset) => {
    const network = presetNetwork(preset);
    const trained = new Map(
      initialParameters(network, 10, random(1), zeros).map(({ name, shape, values }) => [
        name,
        { shape, data: values },
      ]),
    );
    const folded = fold(network, trained, { epsilon: 1e-5, logitScale: 1 });
    expect(new Map([...folded].map(([name, { shape }]) => [name, [...shape]]))).toEqual(
      new Map(tensorShapes(network, 10)),
    );
  });

  it('lets conv units begin by passing their first channels on', () => {
    const kernel = initialParameters(presetNetwork('tiny'), 2, random(1), zeros).find(
      ({ name }) => name === 'stage/3/trunk/0/0/kernel',
    );
    const [k = 0, , into = 0, out = 0] = kernel?.shape ?? [];
    expect([k, into, out]).toEqual([3, 4, 8]);
    const at = (y: number, x: number, i: number, o: number) => kernel?.values[((y * k + x) * into + i) * out + o];
    for (let y = 0; y < k; y++)
      for (let x = 0; x < k; x++)
        for (let i = 0; i < into; i++)
          for (let o = 0; o < into; o++) expect(at(y, x, i, o)).toBe(y === 1 && x === 1 && i === o ? 1 : 0);
    expect(at(0, 0, 0, into)).not.toBe(0);
  });
});
