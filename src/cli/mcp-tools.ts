import { McpServer, type CallToolResult } from "@modelcontextprotocol/server";
import * as z from "zod";
import type { ApiClient } from "../api/typed-client.ts";
import { asFailoverError } from "../errors.ts";

/**
 * The daemon's answers as tools for an agent. Without `allowChanges` nothing that changes anything is
 * there: what an agent reads may have been written to make it act.
 */
export function mcpServer(
  fleet: ApiClient,
  options: { readonly version: string; readonly allowChanges: boolean },
): McpServer {
  const { version, allowChanges } = options;
  const server = new McpServer(
    { name: "claude-failover", version },
    {
      instructions:
        "Tells how a fleet of Claude Code sessions and the accounts behind it are, and why it decided what it did. Times are RFC 3339 UTC, durations in milliseconds.",
    },
  );
  addReading(server, fleet);
  if (allowChanges) addChanges(server, fleet);
  return server;
}

const READS = { readOnlyHint: true, openWorldHint: false };

function addReading(server: McpServer, fleet: ApiClient): void {
  server.registerTool(
    "status",
    {
      description: "Accounts, how much of each is used, sessions, the last decision, what is held.",
      annotations: READS,
    },
    async () => told(async () => fleet.status()),
  );
  server.registerTool(
    "why",
    {
      description:
        "Explains the last decisions, or one decision, session or account, with evidence.",
      inputSchema: z.object({
        of: z.string().optional().describe("A decision's number, a session or an account."),
      }),
      annotations: READS,
    },
    async ({ of }) => told(async () => fleet.why(of)),
  );
  server.registerTool(
    "history",
    {
      description: "Past switchovers, newest first, with steps, sessions and proofs.",
      inputSchema: z.object({ limit: z.int().min(1).max(100).default(10) }),
      annotations: READS,
    },
    async ({ limit }) => told(async () => fleet.history(limit)),
  );
  server.registerTool(
    "tasks",
    {
      description: "The tasks of the pool and where they stand; with an id one task, whole.",
      inputSchema: z.object({
        id: z.int().min(1).optional(),
        state: z.string().optional().describe("queued, delivered, done, failed, …; with commas."),
        limit: z.int().min(1).max(1_000).default(50),
      }),
      annotations: READS,
    },
    async ({ id, state, limit }) =>
      told(async () =>
        id === undefined
          ? fleet.tasks({ limit, ...(state === undefined ? {} : { state }) })
          : fleet.task(id),
      ),
  );
}

const CHANGES = { readOnlyHint: false, openWorldHint: false };

function addChanges(server: McpServer, fleet: ApiClient): void {
  server.registerTool(
    "switchover",
    {
      description:
        "Moves the whole fleet, or one session with a slot of its own, to another account. With dryRun only says how.",
      inputSchema: z.object({
        session: z.string().optional().describe("Only this session, which must have its own slot."),
        to: z.string().optional().describe("An account; without it the policy's candidate."),
        dryRun: z.boolean().default(false),
      }),
      annotations: { ...CHANGES, destructiveHint: true },
    },
    async ({ to, session, dryRun }) =>
      told(async () =>
        fleet.switchover({
          dryRun,
          ...(to === undefined ? {} : { to }),
          ...(session === undefined ? {} : { session }),
        }),
      ),
  );
  server.registerTool(
    "dispatch",
    {
      description: "Gives a task to the pool: a free session does it, once.",
      inputSchema: z.object({
        project: z.string().describe("One of the configured projects' folders."),
        prompt: z.string().describe("What is to be done."),
        title: z.string().optional(),
        priority: z.enum(["critical", "high", "normal", "low"]).optional(),
        dedupe: z.string().optional().describe("Tasks with the same key are one task."),
      }),
      annotations: { ...CHANGES, destructiveHint: false },
    },
    async (task) => told(async () => fleet.dispatch(task)),
  );
  for (const [name, description] of [
    ["hold", "Leaves a session alone: nothing typed, nothing dispatched, not started again."],
    ["release", "Ends whatever keeps a session from being acted on."],
  ] as const)
    server.registerTool(
      name,
      {
        description,
        inputSchema: z.object({ session: z.string() }),
        annotations: { ...CHANGES, destructiveHint: false, idempotentHint: true },
      },
      async ({ session }) => told(async () => fleet[name](session)),
    );
}

/** The daemon's JSON, also where it refuses; a fault is an error that says what to do. */
async function told(work: () => Promise<object>): Promise<CallToolResult> {
  try {
    return textOf(await work());
  } catch (thrown) {
    const { code, message, hint } = asFailoverError(thrown);
    return { ...textOf({ error: { code, message, hint } }), isError: true };
  }
}

function textOf(value: object): CallToolResult {
  return { content: [{ type: "text", text: JSON.stringify(value) }] };
}
