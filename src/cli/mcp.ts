import { once } from "node:events";
import { apiClient } from "../api/typed-client.ts";
import { EXIT } from "../errors.ts";
import { ownVersion } from "../version.ts";
import { ownPlaces } from "./context.ts";
import type { Verb } from "./verb.ts";

export const mcp: Verb = {
  name: "mcp",
  summary:
    "Serve the daemon to an agent over the Model Context Protocol, on standard input and output.",
  operands: "",
  mostWords: 0,
  options: {
    "allow-changes": {
      type: "boolean",
      help: "also switchover, dispatch, hold and release; without it only reading",
    },
  },
  examples: ["claude-failover mcp", "claude-failover mcp --allow-changes"],
  async run({ values }) {
    const { serveStdio } = await import("@modelcontextprotocol/server/stdio");
    const { mcpServer } = await import("./mcp-tools.ts");
    const fleet = apiClient({ socket: ownPlaces().socket });
    const options = { version: ownVersion(), allowChanges: values["allow-changes"] === true };
    // A file or /dev/null ends without being closed.
    const ended = Promise.race([once(process.stdin, "end"), once(process.stdin, "close")]);
    const handle = serveStdio(() => mcpServer(fleet, options), {
      onerror: ({ message }) => process.stderr.write(`Error: ${message}\n`),
    });
    await ended;
    await handle.close();
    return EXIT.done;
  },
};
