// Invariant 1 where the budget store answers late or another worker is ahead: every frame that is settled has a final record.
import { describe, expect, it } from 'vitest';
import { MemoryBudgetStore } from '../../../src/adapters/memory/budget-store.ts';
import { AnytimeError } from '../../../src/errors.ts';
import { formatRecorded } from '../../../src/pipeline/recorded-answer.ts';
import type { FrameDecoder } from '../../../src/ports.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { image, useHarnesses } from '../../helpers/pipeline-harness.ts';

const start = useHarnesses();
const answer = (stage: number) => ({
  stage,
  answerStage: stage,
  label: 'dog',
  confidence: 0.5,
  top: [{ label: 'dog', confidence: 0.5 }],
});
const entry = { frameId: 'a', cost: 0.1, epoch: 1 };

/** Frame "a" under way here when another worker records its end at stage 2. */
async function endedElsewhere() {
  const clock = new ManualClock();
  const budgets = new MemoryBudgetStore(clock);
  const harness = await start({ clock, ports: { budgets }, costMs: () => 50 });
  harness.send(image(1, 95), { ce_id: 'a' });
  await harness.until(() => harness.runner.runs.length === 1);
  await budgets.record([
    { ...entry, stage: 2, exit: 'deadline', answer: formatRecorded({ answer: answer(2), exit: 'deadline' }) },
  ]);
  return { harness, budgets };
}

describe('a final record that the store refuses', () => {
  it.each([
    ['with time left', {}, 'confident'],
    ['too late for one of its own', { 'deadline-ms': '2600' }, 'deadline'],
  ])(
    'because an earlier attempt got further than this one knew: the frame ends with that answer, %s',
    async (_, headers, exit) => {
      const clock = new ManualClock();
      const budgets = new MemoryBudgetStore(clock);
      await budgets.record([
        { ...entry, stage: 3, exit: null, answer: formatRecorded({ answer: answer(3), exit: null }) },
      ]);
      // The store does not answer the first question, so this attempt begins as if nothing were known.
      const begin = budgets.begin.bind(budgets);
      let asked = 0;
      budgets.begin = async (...question) => {
        asked += 1;
        if (asked === 1) throw new AnytimeError('store-unavailable', 'no reply', { retriable: true });
        return await begin(...question);
      };
      const decoder: FrameDecoder = {
        async decode(bytes) {
          await new Promise<void>((resolve) => clock.after(2500, resolve)); // by then the store is asked again
          return new Uint8Array(bytes);
        },
      };
      const harness = await start({ clock, ports: { budgets, decoder }, costMs: () => 1500 });
      harness.send(image(1, 95), { ce_id: 'a', ...headers });
      await harness.until(() => harness.committed() === 1n, 6000);
      expect(harness.results('a')).toMatchObject([{ stage: 3, label: 'dog', final: true, exit }]);
    },
  );

  it('because another worker recorded one that never went out: that one is sent', async () => {
    const { harness } = await endedElsewhere();
    await harness.until(() => harness.committed() === 1n);
    expect(harness.results('a')).toMatchObject([{ stage: 2, label: 'dog', final: true, exit: 'deadline' }]);
  });

  it('because another worker ended the frame for good: nothing more is said of it', async () => {
    const { harness, budgets } = await endedElsewhere();
    await budgets.acknowledge([{ frameId: 'a', stage: 2, isFinal: true }]);
    await harness.until(() => harness.committed() === 1n);
    expect(harness.results('a')).toEqual([]);
  });

  it('because another worker ended it at the same stage for another reason: that one stands, and is sent', async () => {
    const clock = new ManualClock();
    const budgets = new MemoryBudgetStore(clock);
    const record = budgets.record.bind(budgets);
    const theirs = { ...entry, stage: 1, exit: 'budget' as const };
    budgets.record = async (entries) => {
      if (entries.some(({ exit }) => exit !== null))
        await record([{ ...theirs, answer: formatRecorded({ answer: answer(1), exit: 'budget' }) }]);
      return await record(entries);
    };
    const harness = await start({ clock, ports: { budgets } });
    harness.send(image(1, 95), { ce_id: 'a' });
    await harness.until(() => harness.committed() === 1n);
    const finals = harness.results('a').filter(({ final }) => final);
    expect(finals).toMatchObject([{ stage: 1, label: 'dog', exit: 'budget' }]);
  });

  it('because another worker ended it alike with another answer, as with a bundle of before: theirs stands, and is sent', async () => {
    const clock = new ManualClock();
    const budgets = new MemoryBudgetStore(clock);
    const record = budgets.record.bind(budgets);
    const { answerStage: _, ...asBefore } = { ...answer(1), label: 'owl' };
    const theirs = { ...entry, stage: 1, exit: 'confident' as const };
    budgets.record = async (entries) => {
      if (entries.some(({ exit }) => exit !== null))
        await record([{ ...theirs, answer: JSON.stringify({ answer: asBefore, exit: 'confident' }) }]);
      return await record(entries);
    };
    const harness = await start({ clock, ports: { budgets } });
    harness.send(image(1, 95), { ce_id: 'a' });
    await harness.until(() => harness.committed() === 1n);
    expect(harness.results('a')).toMatchObject([{ stage: 1, label: 'owl', final: true, exit: 'confident' }]);
  });
});

it('a reply of the store that comes late is of before: it is asked again before anything is published', async () => {
  const clock = new ManualClock();
  const budgets = new MemoryBudgetStore(clock);
  const record = budgets.record.bind(budgets);
  let asked = 0;
  budgets.record = async (entries) => {
    const reply = await record(entries);
    asked += 1;
    if (asked === 1) {
      // Stopped with the reply unread, while another worker goes further.
      clock.advance(10_000);
      await record([{ ...entry, stage: 3, exit: null, answer: formatRecorded({ answer: answer(3), exit: null }) }]);
    }
    return reply;
  };
  const harness = await start({ clock, ports: { budgets } });
  harness.send(image(1, 50, 60, 70, 80), { ce_id: 'a' });
  await harness.until(() => harness.committed() === 1n, 4000);
  expect(harness.results('a').map(({ stage }) => stage)).not.toContain(1);
  expect(harness.results('a').filter(({ final }) => final)).toHaveLength(1);
});

it('a store whose replies are always late is believed after some of them: its frames are answered', async () => {
  const clock = new ManualClock();
  const budgets = new MemoryBudgetStore(clock);
  const record = budgets.record.bind(budgets);
  budgets.record = async (entries) => {
    clock.advance(1500);
    return await record(entries);
  };
  const harness = await start({ clock, ports: { budgets } });
  harness.send(image(1, 95), { ce_id: 'a' });
  await harness.until(() => harness.committed() === 1n, 4000);
  expect(harness.results('a').at(-1)).toMatchObject({ final: true });
});

it('no dead letter of a frame that fails here when another worker has ended it otherwise', async () => {
  for (const exit of ['deadline', 'rejected'] as const) {
    const clock = new ManualClock();
    const budgets = new MemoryBudgetStore(clock);
    const harness = await start({ clock, ports: { budgets } });
    const runStage = harness.runner.runStage.bind(harness.runner);
    harness.runner.runStage = async (...run) => {
      const ofIt = { answer: exit === 'deadline' ? answer(2) : null, exit };
      await budgets.record([{ ...entry, stage: ofIt.answer ? 2 : 0, exit, answer: formatRecorded(ofIt) }]);
      harness.runner.failNext();
      return await runStage(...run);
    };
    harness.send(image(1, 95), { ce_id: 'a' });
    await harness.until(() => harness.committed() === 1n, 6000);
    expect(harness.deadLetters(), exit).toBe(exit === 'rejected' ? 1 : 0);
    expect(harness.results('a').filter(({ final }) => final)).toMatchObject([{ exit }]);
  }
});
