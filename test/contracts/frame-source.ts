// What every FrameSource must do, whatever is behind it.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FrameRecord } from '../../src/core/frame-record.ts';
import type { FrameHandlers, FrameSource, OutgoingRecord, TopicPartition } from '../../src/ports.ts';
import { utf8 } from '../helpers/records.ts';
import { until } from '../helpers/until.ts';

export interface FrameSourceHarness {
  /** Makes a fresh topic and group; sources of one harness share both. */
  open(partitions: number): Promise<{
    readonly topic: string;
    source(): FrameSource;
    send(records: readonly OutgoingRecord[]): Promise<void>;
  }>;
}

type Opened = Awaited<ReturnType<FrameSourceHarness['open']>>;

/** Handlers that keep what they were told. */
class Witness implements FrameHandlers {
  readonly received: FrameRecord[] = [];
  readonly assignments: Parameters<FrameHandlers['assigned']>[0][] = [];
  readonly revocations: (readonly TopicPartition[])[] = [];
  readonly failures: Error[] = [];
  /** What is owned now: partition → epoch. */
  readonly owned = new Map<number, number>();
  onRecords: (records: readonly FrameRecord[]) => void = () => {};

  assigned(partitions: Parameters<FrameHandlers['assigned']>[0]): void {
    this.assignments.push(partitions);
    this.owned.clear();
    for (const { partition, epoch } of partitions) this.owned.set(partition, epoch);
  }
  revoked(partitions: readonly TopicPartition[]): void {
    this.revocations.push(partitions);
    for (const { partition } of partitions) this.owned.delete(partition);
  }
  records(records: readonly FrameRecord[]): void {
    this.received.push(...records);
    this.onRecords(records);
  }
  failed(error: Error): void {
    this.failures.push(error);
  }
  /** It was told so, and nothing of it was revoked since. */
  owns(count: number): boolean {
    return this.owned.size === count && this.assignments.at(-1)?.length === count;
  }
  /** Values received as text, in order. */
  get values(): string[] {
    return this.received.map(({ value }) => new TextDecoder().decode(value ?? undefined));
  }
}

const record = (value: string, key: string | null = 'k'): OutgoingRecord => ({
  key: key === null ? null : utf8(key),
  value: utf8(value),
  headers: {},
});
/** Records of the paused partition that may still come: far less than one fetch brings. */
const FELT_WITHIN = 100;
const numbered = (count: number, from = 0) => Array.from({ length: count }, (_, index) => String(from + index));

export function frameSourceContract(name: string, makeHarness: () => Promise<FrameSourceHarness | null>): void {
  describe(`FrameSource: ${name}`, () => {
    let opened: Opened;
    const running: FrameSource[] = [];

    const open = async (partitions = 1) => {
      opened = await harness.open(partitions);
    };
    const join = async () => {
      const source = opened.source();
      const witness = new Witness();
      running.push(source);
      await source.start(witness);
      return { source, witness };
    };
    const at = (partition = 0) => ({ topic: opened.topic, partition });
    let harness: FrameSourceHarness;

    beforeEach(async ({ skip }) => {
      const made = await makeHarness();
      if (made === null) skip('no server');
      else harness = made;
    });
    afterEach(async () => {
      await Promise.all(running.splice(0).map((source) => source.stop()));
    });

    test('hands over a partition in order, each record under the epoch of its assignment', async () => {
      await open();
      await opened.send(numbered(500).map((value) => record(value)));
      const { witness } = await join();
      await until(() => witness.received.length >= 500);
      expect(witness.values).toEqual(numbered(500));
      expect(witness.received.map(({ offset }) => offset)).toEqual(numbered(500).map(BigInt));
      const epoch = witness.owned.get(0);
      expect(epoch).toBeGreaterThan(0);
      expect(new Set(witness.received.map((one) => one.epoch))).toEqual(new Set([epoch]));
      expect(witness.received[0]?.topic).toBe(opened.topic);
    });

    test('brings bytes as they are: null and empty keys and values, headers, the record time', async () => {
      await open();
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      await opened.send([
        { key: null, value: bytes, headers: { 'content-type': utf8('image/jpeg'), raw: bytes }, timestamp: 1234567 },
        { key: utf8('ключ'), value: null, headers: {} },
        { key: new Uint8Array(0), value: new Uint8Array(0), headers: { empty: new Uint8Array(0) } },
      ]);
      const { witness } = await join();
      await until(() => witness.received.length >= 3);
      const [first, second, third] = witness.received.map(({ key, value, headers }) => ({
        key: key && [...key],
        value: value && [...value],
        headers: Object.fromEntries(Object.entries(headers).map(([header, content]) => [header, [...content]])),
      }));
      expect(first).toEqual({
        key: null,
        value: [...bytes],
        headers: { 'content-type': [...utf8('image/jpeg')], raw: [...bytes] },
      });
      expect(second).toEqual({ key: [...utf8('ключ')], value: null, headers: {} });
      expect(third).toEqual({ key: [], value: [], headers: { empty: [] } });
      expect(witness.received[0]?.timestamp).toBe(1234567);
    });

    test('a paused partition gets nothing new, the others go on; after resume it goes on where it was', async () => {
      await open(2);
      const { source, witness } = await join();
      const of = (partition: number) => witness.received.filter((one) => one.partition === partition);
      const fill = async (count: number) => {
        await opened.send(numbered(count).map((value) => record(value, null))); // keyless: partitions take turns
      };
      witness.onRecords = (records) => {
        if (records[0]?.partition === 0) source.pause([at(0)]);
      };
      await fill(2000);
      await until(() => of(1).length >= 1000 && of(0).length > 0);
      const held = of(0).length;
      expect(held).toBeLessThanOrEqual(FELT_WITHIN);
      await fill(400);
      await until(() => of(1).length >= 1200);
      expect(of(0)).toHaveLength(held);
      witness.onRecords = () => {};
      source.resume([at(0)]);
      await until(() => of(0).length >= 1200);
      expect(of(0).map(({ offset }) => offset)).toEqual(numbered(1200).map(BigInt));
      expect(witness.revocations).toEqual([]);
    });

    test('a restart goes on at the committed offset and reads the commit metadata back', async () => {
      await open();
      await opened.send(numbered(10).map((value) => record(value)));
      const first = await join();
      expect(first.witness.assignments[0]?.[0]).toMatchObject({ committed: null, metadata: null, problem: null });
      await until(() => first.witness.received.length >= 10);
      const epoch = first.witness.owned.get(0) ?? 0;
      await first.source.commit([{ ...at(), offset: 7n, epoch, metadata: 'eyJtYXAiOjF9' }]);
      await first.source.stop();

      const second = await join();
      await until(() => second.witness.received.length >= 3);
      expect(second.witness.values).toEqual(['7', '8', '9']);
      const again = { committed: 7n, metadata: 'eyJtYXAiOjF9', problem: null };
      expect(second.witness.assignments[0]?.[0]).toMatchObject(again);
    });

    test('who takes a partition over in a rebalance is told of its last commit, offset and metadata', async () => {
      await open(2);
      await opened.send(numbered(20).map((value) => record(value, null)));
      const one = await join();
      await until(() => one.witness.received.length >= 20);
      const epochs = new Map(one.witness.owned);
      for (const [offset, map] of [
        [3n, 'first'],
        [3n, 'only the map has changed'],
      ] as const) {
        const commits = [0, 1].map((partition) => ({
          ...at(partition),
          offset: offset + BigInt(partition),
          epoch: epochs.get(partition) ?? 0,
          metadata: `${map} of ${partition}`,
        }));
        await one.source.commit(commits);
      }
      const two = await join();
      await until(() => one.witness.owns(1) && two.witness.owns(1));
      for (const { assignments, owned } of [one.witness, two.witness]) {
        const [partition = -1] = owned.keys();
        expect(assignments.at(-1)).toEqual([
          {
            ...at(partition),
            epoch: owned.get(partition),
            committed: 3n + BigInt(partition),
            metadata: `only the map has changed of ${partition}`,
            problem: null,
          },
        ]);
      }
    });

    test('metadata longer than the broker takes is left out, the offset is committed all the same', async () => {
      await open();
      await opened.send(numbered(10).map((value) => record(value)));
      const first = await join();
      await until(() => first.witness.received.length >= 10);
      const epoch = first.witness.owned.get(0) ?? 0;
      await first.source.commit([{ ...at(), offset: 4n, epoch, metadata: 'm'.repeat(4000) }]);
      const tooLong = { ...at(), offset: 7n, epoch, metadata: 'm'.repeat(5000) };
      expect(await first.source.commit([tooLong])).toEqual([{ ...tooLong, metadata: '' }]);
      await first.source.stop();

      const second = await join();
      await until(() => second.witness.received.length >= 3);
      expect(second.witness.values).toEqual(['7', '8', '9']);
      expect(second.witness.assignments[0]?.[0]).toMatchObject({ committed: 7n, metadata: null });
    });

    test('a commit of an older epoch, or of a partition never owned, comes to nothing', async () => {
      await open();
      await opened.send(numbered(10).map((value) => record(value)));
      const first = await join();
      await until(() => first.witness.received.length >= 10);
      const epoch = first.witness.owned.get(0) ?? 0;
      const kept = { ...at(), offset: 4n, epoch, metadata: 'kept' };
      expect(await first.source.commit([kept])).toEqual([kept]);
      expect(await first.source.commit([{ ...at(), offset: 9n, epoch: epoch - 1, metadata: 'old' }])).toEqual([]);
      expect(await first.source.commit([{ ...at(7), offset: 9n, epoch, metadata: 'foreign' }])).toEqual([]);
      await first.source.stop();

      const second = await join();
      await until(() => second.witness.received.length >= 6);
      expect(second.witness.values).toEqual(numbered(6, 4));
      expect(second.witness.assignments[0]?.[0]?.metadata).toBe('kept');
    });

    test('commit after stop is an error; stop twice is none', async () => {
      await open();
      const { source } = await join();
      await source.stop();
      await source.stop();
      const commit = { ...at(), offset: 0n, epoch: 1, metadata: '' };
      await expect(source.commit([commit])).rejects.toMatchObject({ code: 'stopped' });
    });

    test('two members share the partitions under new epochs; when one leaves, the other has all again', async () => {
      await open(4);
      const one = await join();
      const before = new Map(one.witness.owned);
      expect([...before.keys()].sort()).toEqual([0, 1, 2, 3]);

      const two = await join();
      await until(() => one.witness.owns(2) && two.witness.owns(2));
      expect([...one.witness.owned.keys(), ...two.witness.owned.keys()].sort()).toEqual([0, 1, 2, 3]);
      for (const [partition, epoch] of one.witness.owned) expect(epoch).toBeGreaterThan(before.get(partition) ?? 0);

      await opened.send(numbered(200).map((value) => record(value, null)));
      const all = () => [...one.witness.received, ...two.witness.received];
      await until(() => all().length >= 200);
      expect(new Set(all().map(({ partition, offset }) => `${partition}/${offset}`)).size).toBe(200);
      for (const { received, owned } of [one.witness, two.witness]) {
        expect(new Set(received.map(({ partition }) => partition))).toEqual(new Set(owned.keys()));
      }

      await two.source.stop();
      await until(() => one.witness.owns(4));
      expect(one.witness.failures).toEqual([]);
    });

    test('a rebalance revokes what goes to others, and nothing of what stays, which can be committed at once', async () => {
      await open(4);
      await opened.send(numbered(40).map((value) => record(value, null)));
      const one = await join();
      await until(() => one.witness.received.length >= 40);
      const two = await join();
      await until(() => one.witness.owns(2) && two.witness.owns(2));
      const gone = one.witness.revocations.flat().map(({ partition }) => partition);
      expect(gone.sort()).toEqual([...two.witness.owned.keys()].sort());
      expect(two.witness.revocations).toEqual([]);

      const kept = new Map(one.witness.owned);
      one.witness.revocations.length = 0;
      await two.source.stop();
      await until(() => one.witness.owns(4));
      expect(one.witness.revocations).toEqual([]);
      for (const [partition, epoch] of kept) expect(one.witness.owned.get(partition)).toBeGreaterThan(epoch);
      one.source.pause([0, 1, 2, 3].map(at));
      const commits = [...one.witness.owned].map(([partition, epoch]) => {
        return { ...at(partition), offset: 3n, epoch, metadata: '' };
      });
      expect(await one.source.commit(commits)).toEqual(commits);
    });

    test('an assignment begins unpaused', async () => {
      await open(2);
      const one = await join();
      one.source.pause([at(0), at(1)]);
      const two = await join();
      await until(() => one.witness.owns(1) && two.witness.owns(1));
      await two.source.stop();
      await until(() => one.witness.owns(2));
      await opened.send(numbered(20).map((value) => record(value, null)));
      await until(() => one.witness.received.length >= 20);
    });
  });
}
