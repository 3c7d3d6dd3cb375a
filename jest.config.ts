import type { Config } from 'jest';

// `unit` is quick. `integration` and `e2e` need Docker, act or what is built, and run three at a time. `alone` is what
// measures how long things take, `*.alone.test.ts`, and has the machine to itself.
const alone = '\\.alone\\.test\\.ts$';

const shared = {
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript' },
          // `with { type: 'json' }`
          experimental: { keepImportAttributes: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
  testEnvironment: 'node',
} satisfies Config;

const config: Config = {
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/test/unit/**/*.test.ts'] },
    {
      ...shared,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/integration/**/*.test.ts'],
      testPathIgnorePatterns: [alone],
    },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
      testPathIgnorePatterns: [alone],
    },
    { ...shared, displayName: 'alone', testMatch: ['<rootDir>/test/**/*.alone.test.ts'] },
  ],
  coverageProvider: 'v8',
  coverageDirectory: 'coverage',
  collectCoverageFrom: ['src/**/*.ts'],
  testTimeout: 60_000,
};

export default config;
