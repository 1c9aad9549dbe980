// The study's answer to: which weighting wins, and is it the one the shipped models begin with? Pure.

export interface Weighting {
  readonly weights: string;
  readonly oscillate: boolean;
}

export interface Verdict extends Weighting {
  /** Mean relative increase of the error over OPT: the least of all. */
  readonly meanIncrease: number;
  /**
   * What `anytime train` does unless told otherwise, and so the shipped models, of which one goes on with another (models/LOG.md); its mean
   * increase, null when the study did not train it.
   */
  readonly shipped: Weighting & { readonly meanIncrease: number | null };
  readonly isShipped: boolean;
  /** The same as a sentence. */
  readonly statement: string;
}

/** Null while the mean increase of one is missing, or there are none. */
export function verdictOn(
  weightings: readonly (Weighting & { readonly meanIncrease: number | null })[],
  { weights, oscillate }: Weighting,
): Verdict | null {
  const measured = weightings.flatMap((own) =>
    own.meanIncrease === null ? [] : [{ ...own, meanIncrease: own.meanIncrease }],
  );
  const [first, ...others] = measured;
  if (first === undefined || measured.length < weightings.length) return null;
  const best = others.reduce((a, b) => (b.meanIncrease < a.meanIncrease ? b : a), first);
  const isShipped = best.weights === weights && best.oscillate === oscillate;
  const shipped = measured.find((own) => own.weights === weights && own.oscillate === oscillate)?.meanIncrease ?? null;
  const uses = isShipped
    ? 'The shipped models begin with it.'
    : `The shipped models begin with ${nameOf({ weights, oscillate })}${shipped === null ? ', which was not part of the study' : `: ${percent(shipped)}`}.`;
  return {
    ...{ weights: best.weights, oscillate: best.oscillate, meanIncrease: best.meanIncrease },
    shipped: { weights, oscillate, meanIncrease: shipped },
    isShipped,
    statement: `${nameOf(best)} wins: errors over OPT ${percent(best.meanIncrease)} on average over the quarters of the cost. ${uses}`,
  };
}

function nameOf({ weights, oscillate }: Weighting): string {
  return `${weights} ${oscillate ? 'with' : 'without'} oscillation`;
}

function percent(share: number): string {
  return `${share < 0 ? '−' : '+'}${(100 * Math.abs(share)).toFixed(1)} %`;
}
