// What a made-up stage runner says of itself: nothing held, nothing done.
import type { EngineStatus } from '../../src/ports.ts';

export function idleStatus(description: string): EngineStatus {
  return { backend: 'cpu', description, generation: 1, busyMs: 0, heldActivations: 0, heldBytes: 0, tensors: 0 };
}
