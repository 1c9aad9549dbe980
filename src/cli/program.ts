// The program `anytime`: its commands, mounted.
import { Command } from 'commander';
import { calibrateCommand } from './commands/calibrate.ts';
import { configCommand } from './commands/config.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { glyphsCommand } from './commands/glyphs.ts';
import { schemaCommand } from './commands/schema.ts';
import { sendCommand } from './commands/send.ts';
import { trainCommand } from './commands/train.ts';
import { watchCommand } from './commands/watch.ts';
import { workerCommand } from './commands/worker.ts';

export function createProgram(): Command {
  const program = new Command('anytime')
    .description(
      'Runs an anytime network on streams of frames: a coarse answer at once, better ones while there is time',
    )
    .usage('<command> [flags]')
    .addHelpText('after', HELP);
  for (const command of COMMANDS) program.addCommand(command());
  return program;
}

const COMMANDS = [
  demoCommand,
  workerCommand,
  sendCommand,
  watchCommand,
  trainCommand,
  evaluateCommand,
  calibrateCommand,
  glyphsCommand,
  doctorCommand,
  configCommand,
  schemaCommand,
];

const HELP = `
Exit codes: 0 done, 1 it failed while running, 2 a flag or value was not understood, 130 it was interrupted; the worker has more.

Examples:
  anytime demo                         watch it work: no Kafka, Redis, GPU or data needed
  anytime worker --create-topics 4     a worker on Kafka, with the topics made first
  anytime doctor                       what is there, what is missing, what to do about it
  anytime send photos/ --rate 50       put images on the frames topic
  anytime watch                        see the answers get better`;
