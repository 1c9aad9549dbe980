// Waiting for what another process or the event loop brings about.
import { setTimeout as pause } from 'node:timers/promises';

/** Resolves as soon as `isSo` holds, asked every few milliseconds; fails loudly with its source after `ms`. */
export async function until(isSo: () => boolean | Promise<boolean>, ms = 20_000): Promise<void> {
  const giveUpAt = Date.now() + ms;
  while (!(await isSo())) {
    if (Date.now() > giveUpAt) throw new Error(`Waited ${ms} ms in vain for: ${isSo}`);
    await pause(5);
  }
}
