import { defineConfig } from "oxlint";

/** One fence: `message` says who may import what matches. */
interface Fence {
  readonly group?: string[];
  readonly regex?: string;
  readonly message: string;
}

const sqlite: Fence = {
  group: ["better-sqlite3"],
  message: "Only src/store/ knows SQL.",
};
const http: Fence = {
  group: ["hono", "hono/*", "@hono/*"],
  message: "Only src/api/, src/daemon/ and src/drill/ serve HTTP.",
};
const timers: Fence = {
  group: ["node:timers", "node:timers/*", "timers", "timers/*", "node:perf_hooks", "perf_hooks"],
  message: "Time comes from the Clock of src/clock.ts.",
};
const policy: Fence = {
  // Anything but "./name": the engine knows no look-ahead.
  regex: "^[^.]|^\\.[^/]|^\\./[^a-z]|/\\.\\./",
  message: "src/policy/ is pure: it imports only from src/policy/.",
};

function fences(...patterns: Fence[]): { "no-restricted-imports": ["error", object] } {
  return { "no-restricted-imports": ["error", { patterns }] };
}

const processExit = {
  object: "process",
  property: "exit",
  message: "Only src/cli/main.ts ends the process; set an exit status or throw.",
};
const clockProperties = [
  { object: "Date", property: "now", message: "Time comes from the Clock of src/clock.ts." },
  { object: "performance", property: "now", message: "Time comes from the Clock of src/clock.ts." },
  { object: "AbortSignal", property: "timeout", message: "Bound waits with Clock.sleep." },
];
const clockGlobals = ["setTimeout", "setInterval", "setImmediate"].map((name) => ({
  name,
  message: "Wait with Clock.sleep and an AbortSignal.",
}));
const impureGlobals = [
  "Date",
  "process",
  "performance",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "crypto",
  "fetch",
  "console",
  "Buffer",
  "require",
].map((name) => ({ name, message: "src/policy/ is pure: pass it in the Observation." }));

export default defineConfig({
  options: {
    typeAware: true,
    denyWarnings: true,
    reportUnusedDisableDirectives: "error",
  },
  plugins: ["eslint", "typescript", "unicorn", "oxc", "import", "promise"],
  categories: { correctness: "error" },
  ignorePatterns: ["dist/**", "coverage/**", "node_modules"],
  rules: {
    // What a daemon dies of.
    "typescript/no-floating-promises": "error",
    "typescript/no-misused-promises": "error",
    "typescript/await-thenable": "error",
    "typescript/return-await": ["error", "error-handling-correctness-only"],
    "typescript/only-throw-error": "error",
    "typescript/prefer-promise-reject-errors": "error",
    "typescript/switch-exhaustiveness-check": [
      "error",
      { considerDefaultExhaustiveForUnions: false, requireDefaultForNonUnion: true },
    ],
    "typescript/no-unnecessary-type-assertion": "error",
    "typescript/use-unknown-in-catch-callback-variable": "error",
    "typescript/no-explicit-any": "error",
    "preserve-caught-error": "error",
    eqeqeq: "error",
    "no-var": "error",
    "prefer-const": "error",

    // How the code is cut.
    "import/no-cycle": ["error", { ignoreTypes: false }],
    "import/no-default-export": "error",
    "import/no-self-import": "error",
    "typescript/consistent-type-imports": "error",
    "unicorn/filename-case": ["error", { case: "kebabCase" }],
    "max-lines": ["error", { max: 400 }],
    "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],

    // Terminal output is parsed here; control characters are the subject.
    "no-control-regex": "off",
  },
  overrides: [
    {
      files: ["src/**"],
      rules: {
        ...fences(sqlite, http, timers),
        "no-console": "error",
        "unicorn/no-process-exit": "error",
        "no-restricted-properties": ["error", processExit, ...clockProperties],
        "no-restricted-globals": ["error", ...clockGlobals],
      },
    },
    {
      files: ["src/store/**"],
      rules: fences(http, timers),
    },
    {
      files: ["src/api/**", "src/daemon/**"],
      rules: fences(sqlite, timers),
    },
    {
      // A drill plays the other side, which keeps its own time.
      files: ["src/drill/**"],
      rules: {
        ...fences(sqlite),
        "no-restricted-properties": ["error", processExit],
        "no-restricted-globals": "off",
      },
    },
    {
      // Programs of their own.
      files: ["src/drill/*-main.ts", "src/drill/stand-in/**"],
      rules: { "unicorn/no-process-exit": "off", "no-restricted-properties": "off" },
    },
    {
      files: ["src/clock.ts"],
      rules: {
        ...fences(sqlite, http),
        "no-restricted-properties": ["error", processExit],
        "no-restricted-globals": "off",
      },
    },
    {
      files: ["src/cli/main.ts"],
      rules: {
        "unicorn/no-process-exit": "off",
        "no-restricted-properties": ["error", ...clockProperties],
      },
    },
    {
      files: ["src/policy/**"],
      rules: {
        ...fences(policy),
        "no-restricted-globals": ["error", { globals: impureGlobals, checkGlobalObject: true }],
        "no-restricted-properties": [
          "error",
          { object: "Math", property: "random", message: "src/policy/ is pure." },
        ],
      },
    },
    {
      // The same seed, the same result.
      files: ["src/simulate/**"],
      rules: {
        "no-restricted-properties": [
          "error",
          ...clockProperties,
          { object: "Math", property: "random", message: "Take a Random made from the seed." },
        ],
      },
    },
    {
      files: ["test/**", "bench/**"],
      plugins: ["eslint", "typescript", "unicorn", "oxc", "import", "promise", "vitest"],
      rules: {
        "max-lines-per-function": "off",
        "typescript/no-misused-spread": "off",
        "typescript/require-array-sort-compare": "off",
        "vitest/expect-expect": [
          "error",
          { assertFunctionNames: ["expect", "expect*", "assert*", "fc.assert"] },
        ],
        "vitest/no-focused-tests": "error",
        "vitest/no-identical-title": "error",
        "vitest/valid-expect": "error",
        "vitest/valid-expect-in-promise": "error",
        "vitest/require-awaited-expect-poll": "error",
      },
    },
    {
      files: ["*.config.ts"],
      rules: { "import/no-default-export": "off" },
    },
  ],
});
