// The one error of the product: what went wrong as a code, whether trying again can help, and the cause.

/** Everything that can go wrong, as a closed union: callers decide by code, never by message. */
export type ErrorCode =
  | 'bad-argument' // a flag, environment variable or call outside what it accepts
  | 'bad-header' // a record header that does not parse
  | 'bad-batch' // records that cannot be read from the log: a compression that is not supported, damaged, too many
  | 'bad-image' // bytes that are no image, or an image that cannot be decoded
  | 'image-too-large' // more pixels or bytes than the limits allow
  | 'decoder-hung' // decodes do not end any more, whatever the image: the process must
  | 'too-many-attempts' // work on a frame was begun so often and came to nothing: it may kill whoever takes it
  | 'bad-data-set' // training or test data that cannot be used
  | 'cannot-write' // a file that cannot be written: no space, no permission, another's
  | 'bad-bundle' // model.json or weights missing, truncated, foreign or corrupt
  | 'engine-unavailable' // the wanted backend is not present on this machine
  | 'engine-crashed' // the stage thread died; its activations are gone
  | 'engine-restarted' // the stage thread went before this run was begun: no frame of it is to blame
  | 'engine-hung' // the stage thread hangs in native code and cannot be ended: only killing the process helps
  | 'engine-failed' // a stage run failed, the thread lives
  | 'broker-unavailable' // Kafka cannot be reached or refuses
  | 'store-unavailable' // Redis cannot be reached or refuses
  | 'stopped'; // the thing asked is stopping or has stopped

export class AnytimeError extends Error {
  override readonly name = 'AnytimeError';
  readonly code: ErrorCode;
  /** True when the same call may succeed later without anything being changed by the caller. */
  readonly retriable: boolean;

  constructor(code: ErrorCode, message: string, options: { retriable?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retriable = options.retriable ?? false;
  }
}

/** Whether this was thrown for one of these reasons. */
export function hasCode(thrown: unknown, ...codes: readonly ErrorCode[]): thrown is AnytimeError {
  return thrown instanceof AnytimeError && codes.includes(thrown.code);
}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
