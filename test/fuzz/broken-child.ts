// For the test of the account: answers every input but number 3, which kills it, number 5, which it never answers, and 6, which fails.
const [, from = 0, end = 0] = process.argv.slice(2).map(Number);
process.send?.('ready');
for (let index = from; index < end; index++) {
  if (index === 3) process.kill(process.pid, 'SIGSEGV');
  if (index === 5) await new Promise((resolve) => setTimeout(resolve, 1e9));
  const outcome = index === 6 ? 'crash: not as it should be' : index % 2 === 0 ? 'accepted' : 'bad-image';
  await new Promise((resolve) => process.send?.({ index, outcome, maxRssBytes: index }, resolve));
}
process.disconnect();
