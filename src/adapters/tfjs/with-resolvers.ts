// A promise and what settles it.

export interface PromiseWithResolversOf<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: Error): void;
}

/** Promise.withResolvers, which Node 20 lacks. */
export function withResolvers<T>(): PromiseWithResolversOf<T> {
  let resolvers: Pick<PromiseWithResolversOf<T>, 'resolve' | 'reject'> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    resolvers = { resolve, reject };
  });
  return { promise, ...(resolvers as Pick<PromiseWithResolversOf<T>, 'resolve' | 'reject'>) };
}
