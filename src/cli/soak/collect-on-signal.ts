// Loaded into the workers of a soak that is to tell garbage from growth (`--collect-every-minutes`): on SIGUSR2 the main
// thread's heap is collected whole (other threads have their own), and what is left is told as a log line. Needs node's `--expose-gc`.
const { gc } = globalThis as { readonly gc?: () => void };

process.on('SIGUSR2', () => {
  gc?.();
  const liveHeapBytes = gc === undefined ? null : process.memoryUsage().heapUsed;
  console.error(JSON.stringify({ level: 30, event: 'collected', liveHeapBytes }));
});
