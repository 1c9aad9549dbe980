// How the tests run: one process per file, two at a time; the real servers start when the first test asks for them.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/helpers/global-setup.ts'],
    pool: 'forks', // a native TensorFlow thread must be the only one of its process
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 90_000, // the first hook may wait for the servers, and fetch them once
  },
});
