// Parsers of flag values: each says what it expects and what came. Commander turns what they throw into an error of the command.
import { InvalidArgumentError } from 'commander';
import { decimal } from '../core/decimal.ts';

/** A number within bounds, both included. */
export function numberFrom(flag: string, what: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = asNumber(text);
    if (!(value >= least && value <= most)) throw refusal(flag, `${what} from ${least} to ${most}`, text);
    return value;
  };
}

/** A number above 0, at most `most`. */
export function numberAbove0(flag: string, what: string, most = 1e9): (text: string) => number {
  return (text) => {
    const value = asNumber(text);
    if (!(value > 0 && value <= most))
      throw refusal(flag, `${what} above 0${most === 1e9 ? '' : ` and at most ${most}`}`, text);
    return value;
  };
}

/** A whole number within bounds, both included. */
export function wholeNumber(flag: string, what: string, least: number, most = 1e9): (text: string) => number {
  return (text) => {
    const value = asNumber(text);
    if (!(Number.isInteger(value) && value >= least && value <= most)) {
      throw refusal(flag, `${what} (a whole number from ${least}${most === 1e9 ? '' : ` to ${most}`})`, text);
    }
    return value;
  };
}

function asNumber(text: string): number {
  return decimal(text) ?? Number.NaN;
}

function refusal(flag: string, expected: string, came: string): InvalidArgumentError {
  return new InvalidArgumentError(`Expected \`${flag}\` to be ${expected}, got ${JSON.stringify(came)}`);
}
