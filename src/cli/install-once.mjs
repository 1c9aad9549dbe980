// One `npm ci` at a time in a checkout: who comes while another installs waits for it. Plain JavaScript, as run.mjs.
import { mkdirSync, readdirSync, rmdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const ASK_EVERY_MS = 200;
/** A lock without a name in it is being made; one this old was left behind by who died making it. */
const MAKING_MS = 5000;
/** No install takes as long: by then another program has the id of who died. */
const OLDEST_MS = 15 * 60_000;

/**
 * Resolves with what `install` resolves with, or with 0 when another start has installed meanwhile. The lock is a folder with one empty
 * file in it, named after the process that holds it; it is taken over from a process that is gone.
 */
export async function installOnce({ lock, isInstalled, install, say }) {
  let isTold = false;
  while (!take(lock)) {
    if (!isTold) say('Another start is installing the packages; waiting for it …');
    isTold = true;
    await pause(ASK_EVERY_MS);
  }
  try {
    return isInstalled() ? 0 : await install();
  } finally {
    attempt(() => unlinkSync(join(lock, String(process.pid))));
    attempt(() => rmdirSync(lock));
  }
}

/** True when the lock is ours now. */
function take(lock) {
  if (!attempt(() => mkdirSync(lock), 'EEXIST')) {
    const age = ageMs(lock);
    const [holder] = namesIn(lock);
    if (holder === undefined) {
      if (age > MAKING_MS) attempt(() => rmdirSync(lock));
      return false;
    }
    if (isAlive(Number(holder)) && age < OLDEST_MS) return false;
    // Only one of those who wait can delete this name.
    if (!attempt(() => unlinkSync(join(lock, holder)))) return false;
  }
  writeFileSync(join(lock, String(process.pid)), '');
  return true;
}

/** False when it fails; with `expected`, other failures are thrown. */
function attempt(step, expected = null) {
  try {
    step();
    return true;
  } catch (error) {
    if (expected !== null && error.code !== expected) throw error;
    return false;
  }
}

function namesIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return []; // given back this moment
  }
}

function ageMs(path) {
  return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
}

function isAlive(pid) {
  if (pid === process.pid) return false; // of an earlier process with our id: we hold no lock yet
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
