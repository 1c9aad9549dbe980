// The native library gives each tensor that was ever made a number of 32 bits. From 2^31 on they are negative, and tfjs-node frees no
// tensor whose number is: a megabyte a frame, unseen by tfjs' own count. At 2^32 they begin anew with those of the weights, and the process
// aborts. That is 26 million frames, run one by one through five stages. A new thread counts from 0.
import * as tf from '@tensorflow/tfjs-core';
import { after } from '../../timer.ts';

/** Without a run for so long, ms, a thread is idle. */
const IDLE_MS = 250;

/** What tfjs-node says to its addon. */
interface Binding {
  readonly TF_INT32: number;
  createTensor(shape: number[], type: number, values: Int32Array): number;
  deleteTensor(number: number): void;
  getNumOfTensors(): number;
}

/** From here on a thread goes once it holds nothing and nobody asks for a run: whoever comes meanwhile waits for the next one … */
const SOON = 2 ** 30;
/** … and from here on at once: a run takes some hundred numbers. */
const AT_ONCE = 2 ** 31 - 2 ** 24;

export interface TensorNumberLimits {
  readonly soon: number;
  readonly atOnce: number;
}

export const TENSOR_NUMBER_LIMITS: TensorNumberLimits = { soon: SOON, atOnce: AT_ONCE };

/** When this thread is to go: `spent` is told once, with the numbers it used. */
export class NumbersLeft {
  readonly #limits: TensorNumberLimits;
  readonly #isHolding: () => boolean;
  readonly #spent: (numbers: number) => void;
  #isOver = false;
  #cancelIdle = () => {};

  constructor(limits: TensorNumberLimits, isHolding: () => boolean, spent: (numbers: number) => void) {
    this.#limits = limits;
    this.#isHolding = isHolding;
    this.#spent = spent;
  }

  /** False = the run is not to begin. */
  sufficeForRun(): boolean {
    this.#goFrom(this.#limits.atOnce);
    if (this.#isOver) return false;
    this.#cancelIdle();
    this.#cancelIdle = after(IDLE_MS, () => {
      if (!this.#isHolding()) this.#goFrom(this.#limits.soon);
    });
    return true;
  }

  stop(): void {
    this.#isOver = true;
    this.#cancelIdle();
  }

  #goFrom(limit: number): void {
    if (this.#isOver) return;
    const numbers = tensorNumbersUsed();
    if (numbers < limit) return;
    this.stop();
    this.#spent(numbers);
  }
}

/** Tensors of this thread: those that tfjs knows, or those in the native library where it has more. */
export function tensorCount(): number {
  return Math.max(tf.memory().numTensors, nativeBinding()?.getNumOfTensors() ?? 0);
}

/** Numbers that the native library has given away in this thread; 0 on another backend, which has enough. */
export function tensorNumbersUsed(): number {
  const binding = nativeBinding();
  if (binding === null) return 0;
  const number = binding.createTensor([], binding.TF_INT32, Int32Array.of(0));
  binding.deleteTensor(number);
  return number + 1;
}

function nativeBinding(): Binding | null {
  if (tf.getBackend() !== 'tensorflow') return null;
  return (tf.backend() as unknown as { readonly binding: Binding }).binding;
}
