// What this machine brings: Node, the engines, the bundle.
import { openBackend } from '../../adapters/tfjs/backend.ts';
import type { Config } from '../../config.ts';
import { messageOf } from '../../errors.ts';
import { readBundle } from '../../network/bundle.ts';
import { type Check, fail, ok, warn } from './check.ts';

export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const name = 'Node';
  if (major > 20 || (major === 20 && minor >= 19)) return ok(name, version);
  return fail(name, version, 'Install Node 20.19 or newer');
}

/** Opens each engine in turn, as the stage thread would. Each can be opened once in a process. */
export async function checkEngines(wanted: Config['backend']): Promise<Check[]> {
  const checks: Check[] = [];
  const present: string[] = [];
  for (const backend of ['tensorflow', 'wasm', 'cpu'] as const) {
    const name = `engine ${backend}`;
    try {
      checks.push(ok(name, (await openBackend(backend)).description));
      present.push(backend);
    } catch (error) {
      const isNeeded = wanted === backend || backend !== 'tensorflow';
      const advice =
        backend === 'tensorflow' ? 'Run `npm run setup:tensorflow`; until then wasm computes' : 'Run `npm ci`';
      checks.push((isNeeded ? fail : warn)(name, firstLine(messageOf(error)), advice));
    }
  }
  if (wanted === 'auto') checks.push(ok('engine auto', `takes ${present[0] ?? 'none'}`));
  return checks;
}

export async function checkBundle(folder: string): Promise<Check> {
  const name = 'bundle';
  try {
    const { model } = await readBundle(folder);
    const last = model.quality.exits.at(-1);
    return ok(
      name,
      `${folder}: ${model.name}@${model.version}, ${model.stages.length} exits, ${model.classes.length} classes, full-depth accuracy ${last?.accuracy.toFixed(3)}`,
    );
  } catch (error) {
    return fail(name, messageOf(error), 'Give a bundle folder with --model, for example models/glyphs');
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
