// `anytime schema`: the JSON Schema of result records, generated from the one source that workers write by.
import { Command } from 'commander';
import { z } from 'zod';
import { ResultSchema } from '../../core/result.ts';

/** JSON Schema (draft 2020-12) of a result record's value. */
export function resultJsonSchema(): object {
  return { title: 'anytime-stream result', ...z.toJSONSchema(ResultSchema, { io: 'input' }) };
}

export function schemaCommand(): Command {
  return new Command('schema')
    .description('Print the JSON Schema of result records (the values on the result topics)')
    .addHelpText('after', '\nExamples:\n  anytime schema > result.schema.json')
    .action(() => console.log(JSON.stringify(resultJsonSchema(), null, 2)));
}
