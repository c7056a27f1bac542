/** Tests run as they are written: one file a process, a few at a time, nothing retried. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    retry: 0,
    passWithNoTests: false,
    reporters: ['default', 'json'],
    outputFile: { json: '.cache/test-results.json' },
  },
});
