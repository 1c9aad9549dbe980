// Where a command writes: text for people, and under --json one JSON document as the last line of stdout.
import picocolors from 'picocolors';

export type Colours = ReturnType<typeof picocolors.createColors>;

export interface Output {
  /** A line for people: on stdout, or on stderr where stdout belongs to the JSON document. */
  say(line: string): void;
  /** The result: printed as one JSON line under --json, else left to what was said. */
  document(value: unknown): void;
  readonly isJson: boolean;
  readonly isTerminal: boolean;
  /** Plain text where `say` writes to no terminal, or NO_COLOR is set. */
  readonly colours: Colours;
}

export interface Streams {
  readonly stdout: Pick<NodeJS.WriteStream, 'write' | 'isTTY'>;
  readonly stderr: Pick<NodeJS.WriteStream, 'write' | 'isTTY'>;
}

export function createOutput(isJson: boolean, { stdout, stderr }: Streams = process): Output {
  const people = isJson ? stderr : stdout;
  const isTerminal = people.isTTY === true;
  return {
    say: (line) => void people.write(`${line}\n`),
    document: (value) => {
      if (isJson) stdout.write(`${JSON.stringify(value)}\n`);
    },
    isJson,
    isTerminal,
    colours: picocolors.createColors(isTerminal && picocolors.isColorSupported),
  };
}
