// Progress of long work on stderr: a bar on a terminal, now and then a plain line elsewhere.
import { SingleBar } from 'cli-progress';

export interface Progress {
  /** `of` null: how many there will be is not known. */
  update(done: number, of: number | null): void;
  /** Idempotent. */
  end(): void;
}

/** Between two plain lines, ms. */
const LINE_EVERY_MS = 5000;

export function createProgress(
  what: string,
  stream: NodeJS.WriteStream = process.stderr,
  now: () => number = Date.now,
): Progress {
  return stream.isTTY ? bar(what, stream) : lines(what, stream, now);
}

function bar(what: string, stream: NodeJS.WriteStream): Progress {
  const single = new SingleBar({
    format: `${what} {bar} {value}/{total}`,
    stream,
    hideCursor: true,
    clearOnComplete: true,
  });
  let isShown = false;
  return {
    update(done, of) {
      if (!isShown) single.start(of ?? done, done);
      isShown = true;
      single.setTotal(of ?? done);
      single.update(done);
    },
    end() {
      if (isShown) single.stop();
      isShown = false;
    },
  };
}

function lines(what: string, stream: NodeJS.WriteStream, now: () => number): Progress {
  let lastAt = now();
  let last: string | null = null;
  let isTold = false;
  return {
    update(done, of) {
      last = `${what}: ${done}${of === null ? '' : `/${of}`}`;
      if (now() - lastAt < LINE_EVERY_MS) return;
      lastAt = now();
      isTold = true;
      stream.write(`${last}\n`);
    },
    end() {
      if (isTold && last !== null) stream.write(`${last}\n`);
      last = null;
    },
  };
}
