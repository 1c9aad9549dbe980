// A budget store as workers see it that share it: it outlives them, and what they ask of it may be held up, refused or lost on the way.
import type { BudgetStore } from '../../src/ports.ts';

/** `store` is looked up at each call; `through` makes the call, or does not. */
export function storeThrough(
  store: () => BudgetStore,
  through: <T>(call: () => Promise<T>) => Promise<T> = (call) => call(),
): BudgetStore {
  return {
    start: async () => {},
    remembersSince: () => store().remembersSince(),
    begin: (...asked) => through(() => store().begin(...asked)),
    giveBack: (frames) => through(() => store().giveBack(frames)),
    record: (entries) => through(() => store().record(entries)),
    acknowledge: (told) => through(() => store().acknowledge(told)),
    stop: async () => {},
  };
}
