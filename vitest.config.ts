import { existsSync } from "node:fs";
import { defineConfig } from "vitest/config";

/**
 * `order`: groups run one after the other, so the heavy ones never compete for the same cores. The
 * seconds are what a machine several times slower than ours needs; a test ends by its own deadlines.
 */
interface Suite {
  readonly name: string;
  readonly order: number;
  readonly workers: number;
  readonly testSeconds: number;
  readonly hookSeconds: number;
  /** Pure modules need no process of their own per file. */
  readonly isolate?: false;
}

const suites: Suite[] = [
  { name: "unit", order: 0, workers: 2, testSeconds: 30, hookSeconds: 5, isolate: false },
  { name: "property", order: 0, workers: 2, testSeconds: 30, hookSeconds: 5, isolate: false },
  { name: "integration", order: 1, workers: 2, testSeconds: 90, hookSeconds: 60 },
  { name: "crash", order: 2, workers: 2, testSeconds: 240, hookSeconds: 60 },
  { name: "e2e", order: 3, workers: 3, testSeconds: 180, hookSeconds: 60 },
  { name: "real", order: 4, workers: 2, testSeconds: 240, hookSeconds: 60 },
];

// A browser is a big thing to ask for: bin/test web fetches one, and where one is, the page is tested.
if (existsSync(process.env["CF_TEST_CHROMIUM"] ?? "/usr/bin/chromium"))
  suites.push({ name: "web", order: 5, workers: 1, testSeconds: 60, hookSeconds: 60 });

export default defineConfig({
  test: {
    globalSetup: ["test/support/sandbox.ts"],
    projects: suites.map((suite) => ({
      extends: true,
      test: {
        name: suite.name,
        include: [`test/${suite.name}/**/*.test.ts`],
        sequence: { groupOrder: suite.order },
        maxWorkers: suite.workers,
        isolate: suite.isolate ?? true,
        testTimeout: suite.testSeconds * 1000,
        hookTimeout: suite.hookSeconds * 1000,
      },
    })),
  },
});
