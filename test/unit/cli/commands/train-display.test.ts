// Without a terminal a training is told in plain lines on stderr: the start, each epoch's table, the end.
import { afterEach, expect, it, vi } from 'vitest';
import { createTrainingDisplay } from '../../../../src/cli/commands/train-display.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

it('tells the start, a table for each epoch, and the end', () => {
  const lines: string[] = [];
  vi.spyOn(console, 'error').mockImplementation((line: string) => void lines.push(line));
  const display = createTrainingDisplay();
  display.show({
    type: 'started',
    frames: 950,
    validationFrames: 50,
    steps: 30,
    fromStep: 7,
    parameters: 1234,
    macs: 5.27e7,
  });
  const none = { frames: 50, known: 0 };
  display.show({ type: 'known-frames', heldOut: { frames: 50, known: 4 }, test: none });
  display.show({ type: 'known-frames', heldOut: none, test: none });
  display.show({ type: 'known-frames', heldOut: none, test: { frames: 9, known: 1 } });
  display.show({ type: 'may-know-held-out', from: 'runs/before' });
  display.show({ type: 'step', step: 8, steps: 30, epoch: 1, losses: [1], accuracies: [0.5], framesPerSecond: 300 });
  const exits = [
    { loss: 1.25, accuracy: 0.5 },
    { loss: 0.75, accuracy: 0.8125 },
  ];
  display.show({
    type: 'epoch',
    epoch: 1,
    epochs: 3,
    step: 10,
    seconds: 12.4,
    trainLosses: [1.5, 1],
    exits,
    history: [],
  });
  display.show({ type: 'finished', seconds: 99, best: { epoch: 2, step: 7, meanAccuracy: 0.7125, exits } });
  display.end();
  expect(lines).toHaveLength(6); // steps only now and then
  expect(lines[0]).toContain(
    '950 frames to train on, 50 held out; 1234 parameters, 52.7 MMAC a pass; 30 steps, going on from step 7',
  );
  expect(lines[1]).toMatch(/^4 of 50 frames held out are, pixel by pixel, among those to train on too/);
  expect(lines[2]).toMatch(/^1 of 9 frames to test on are, pixel by pixel, among the training data too/);
  expect(lines[3]).toMatch(/runs\/before learnt some of these classes from other frames/);
  expect(lines[4]).toContain('Epoch 1 of 3, step 10, 12 s');
  expect(lines[4]).toMatch(/2 +│ 1\.000 +│ 0\.750 +│ 81\.25 %/);
  expect(lines[5]).toContain('99 s');
  expect(lines[5]).toMatch(/Epoch 2 was better .*71\.25 %.*kept/);
});
