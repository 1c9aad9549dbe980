#!/usr/bin/env node
// The program `anytime`. Everything it does is in program.ts and commands/.
import { endOnBrokenPipe } from './broken-pipe.ts';
import { createProgram } from './program.ts';
import { runProgram } from './run-program.ts';

endOnBrokenPipe(process.stdout);
process.exitCode = await runProgram(createProgram(), process.argv);
