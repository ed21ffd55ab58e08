import { defineConfig } from 'vitest/config'

const TIDY = ['tests/tidy.test.ts', 'tests/tidy/**/*.test.ts']
const SLT = ['tests/slt.test.ts', 'tests/slt/**/*.test.ts', 'tests/**/*.slt.test.ts']
const SYSTEM = [
  'tests/pack.test.ts',
  'tests/{oracle,fuzz,cluster,chaos,examples,system}/**/*.test.ts',
  'tests/**/*.slow.test.ts',
]

/**
 * One suite of tests. `npm run check` runs all but `system`, which holds what is slow or needs a whole
 * program.
 */
function suite(name: string, include: string[], exclude: string[] = []) {
  return { extends: true as const, test: { name, include, exclude } }
}

export default defineConfig({
  test: {
    globalSetup: ['tests/setup/build-dist.ts'],
    testTimeout: 300_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      suite('tidy', TIDY),
      suite('unit', ['tests/**/*.test.ts'], [...TIDY, ...SLT, ...SYSTEM]),
      suite('slt', SLT, SYSTEM),
      suite('system', SYSTEM),
    ],
  },
})
