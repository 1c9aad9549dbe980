// How much memory processes have, at most, over a run: asked of the system now and then.
import { readFile } from 'node:fs/promises';

export interface ResidentMemory {
  /** Largest resident set seen of any of them, bytes; null where the system does not tell (no /proc). */
  readonly maxBytes: number | null;
  stop(): void;
}

const EVERY_MS = 1000;

export function watchResidentMemory(pids: () => readonly number[]): ResidentMemory {
  let maxBytes: number | null = null;
  const look = async () => {
    for (const pid of pids()) {
      const bytes = residentBytes(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''));
      if (bytes !== null) maxBytes = Math.max(maxBytes ?? 0, bytes);
    }
  };
  const timer = setInterval(() => void look(), EVERY_MS);
  return {
    get maxBytes() {
      return maxBytes;
    },
    stop: () => clearInterval(timer),
  };
}

/** VmRSS of a /proc/PID/status file, bytes. */
export function residentBytes(status: string): number | null {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kib === undefined ? null : Number(kib) * 1024;
}
