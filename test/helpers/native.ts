// Is the native TensorFlow library here? Tests that need it skip loudly without it, and fail where it is required.
import { AnytimeError } from '../../src/errors.ts';
import { loadNative } from '../../src/network/tensorflow-native.ts';
import { bundleRunner } from './bundle-runner.ts';
import { EVERY_KIND } from './random-bundle.ts';

/**
 * Load the library in this process. False, with the reason on stderr, where it is not built; with ANYTIME_REQUIRE_NATIVE=1
 * that is an error instead. A test file that calls this must not start a native stage thread besides.
 */
export function hasNative(): Promise<boolean> {
  return isThere(loadNative());
}

/** The same for a test file whose stage threads load the library: this tries one thread and ends it. */
export async function hasNativeInThread(): Promise<boolean> {
  const { runner, cleanUp } = await bundleRunner(EVERY_KIND, 'tensorflow');
  try {
    return await isThere(runner.start());
  } finally {
    await cleanUp();
  }
}

async function isThere(loading: Promise<unknown>): Promise<boolean> {
  try {
    await loading;
    return true;
  } catch (cause) {
    const isAbsent = cause instanceof AnytimeError && cause.code === 'engine-unavailable';
    if (!isAbsent || process.env['ANYTIME_REQUIRE_NATIVE'] === '1') throw cause;
    console.error(`Native engine tests are skipped: ${cause.message}`);
    return false;
  }
}
