// A frame on which the engine fails must not take down those that happened to share its batch, or that ran behind it.
import { expect, it } from 'vitest';
import { image, startHarness } from '../../helpers/pipeline-harness.ts';

it.each(['fails', 'crashes'] as const)(
  'a frame on which the engine %s is refused alone, the others are answered',
  async (how) => {
    const harness = await startHarness({ costMs: (_, batch) => 10 + batch });
    const runStage = harness.runner.runStage.bind(harness.runner);
    let last: Promise<unknown> = Promise.resolve();
    harness.runner.runStage = (stage, frames) => {
      const run = last.then(() => {
        if (frames.some(({ pixels }) => pixels?.[1] === 13)) {
          if (how === 'fails') harness.runner.failNext();
          else harness.runner.crash();
        }
        return runStage(stage, frames);
      });
      last = run.catch(() => {});
      return run;
    };
    for (let i = 0; i < 8; i++) harness.send(i === 5 ? image(0, 13) : image(1, 95), { ce_id: `f${i}` });
    await harness.until(() => harness.committed() === 8n);
    const finals = harness.results().filter(({ final }) => final);
    expect(finals.filter(({ exit }) => exit === 'rejected').map(({ id }) => id)).toEqual(['f5']);
    expect(finals.filter(({ exit }) => exit === 'confident')).toHaveLength(7);
    expect(harness.deadLetters()).toBe(1);
    expect(harness.runner.status().heldActivations).toBe(0);
    await harness.pipeline.abort();
  },
);
