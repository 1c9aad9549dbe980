// Is the native TensorFlow library here? Tests that need it skip loudly without it, and fail where it is required.
import { AnytimeError } from '../../src/errors.ts';
import { loadNative } from '../../src/network/tensorflow-native.ts';

/**
 * Load the library in this process. False, with the reason on stderr, where it is not built; with ANYTIME_REQUIRE_NATIVE=1
 * that is an error instead. A test file that calls this must not start a second native thread.
 */
export async function hasNative(): Promise<boolean> {
  try {
    await loadNative();
    return true;
  } catch (cause) {
    const isAbsent = cause instanceof AnytimeError && cause.code === 'engine-unavailable';
    if (!isAbsent || process.env['ANYTIME_REQUIRE_NATIVE'] === '1') throw cause;
    console.error(`Native engine tests are skipped: ${cause.message}`);
    return false;
  }
}
