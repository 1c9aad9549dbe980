// Whoever reads our output may stop reading (`anytime watch | head`): then there is nothing more to do, and nothing to complain of.

/** Ends the process quietly when its reader is gone. */
export function endOnBrokenPipe(stream: NodeJS.WritableStream, end: () => void = () => process.exit(0)): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    end();
  });
}
