// A program that logs to stderr as a worker does, its last words too, and says on stdout that it lives.
import pino from 'pino';
import { logDestination } from '../../src/cli/log-destination.ts';

const log = pino({ base: null }, logDestination(2));
for (let line = 0; line < 1000; line++) log.info({ event: 'load' }, 'a line');
log.fatal({ event: 'ended' }, 'last words');
setTimeout(() => console.log('lives'), 10);
