import { EventEmitter } from "node:events";
import type { Clock } from "../clock.ts";
import { FailoverError } from "../errors.ts";
import { abandonedClients, endClient } from "./abandoned-clients.ts";
import { ControlConnection, type ControlLine } from "./connection.ts";
import { attachHubArguments, HUB_SESSION, hubOptions } from "./hub.ts";
import { notificationEvent, type TmuxEvents } from "./notifications.ts";
import { quoteCommand } from "./quote.ts";
import { requireTmux } from "./probe.ts";
import { waitForExit } from "./server-process.ts";
import { socketArguments, type TmuxSocket } from "./socket.ts";
import type { TmuxVersion } from "./version.ts";

export interface TmuxClientOptions {
  readonly socket: TmuxSocket;
  /** Used if the server has to be started; null means the user's own configuration files. */
  readonly configFile: string | null;
  /** The whole environment of tmux, and of a server it has to start. Nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly hubSession?: string;
  /** The tmux program; found through `env.PATH` unless it is a path. */
  readonly binary?: string;
  /** How long tmux may answer nothing while it is asked before the connection is given up. */
  readonly answerTimeoutMs?: number;
}

const ANSWER_TIMEOUT_MS = 10_000;
const OLD_SERVER_GRACE_MS = 150;
const CLIENTS_GRACE_MS = 500;
const KILL_GRACE_MS = 5_000;
const FIRST_ATTEMPTS = 5;
const FIRST_RETRY_MS = 25;
const LONGEST_RETRY_MS = 2_000;

/**
 * A lasting connection to one tmux server: a single control-mode client on a hub session of our
 * own, `no-output`, so that no pane's program ever waits for us (mechanics facts, Noticing). Comes
 * back by itself, starting the server again if it is gone, until `close()`. Meanwhile commands are
 * rejected with CF_TMUX_DISCONNECTED.
 *
 * For the daemon only: tmux before 3.7 crashes, with every session, when a session comes or goes in
 * the 0.2 ms in which a control client introduces itself (tmux issue 4980). One process that
 * connects seldom and makes sessions itself cannot meet that; many connecting ones would.
 */
export class TmuxClient extends EventEmitter<TmuxEvents> implements AsyncDisposable {
  /** The version of the tmux program. */
  readonly version: TmuxVersion;
  readonly hubSession: string;
  readonly #options: TmuxClientOptions;
  readonly #closing = new AbortController();
  readonly #subscriptions = new Map<string, string>();
  #connection: ControlConnection | null = null;
  #serverPid = 0;
  #supervisor: Promise<void> = Promise.resolve();

  private constructor(options: TmuxClientOptions, version: TmuxVersion) {
    super();
    this.#options = options;
    this.version = version;
    this.hubSession = options.hubSession ?? HUB_SESSION;
  }

  /**
   * Connects, starting the server and the hub session where they are missing. Throws
   * CF_TMUX_MISSING, CF_TMUX_TOO_OLD (before 3.2) or CF_TMUX_UNREACHABLE.
   */
  static async open(options: TmuxClientOptions): Promise<TmuxClient> {
    const version = await requireTmux(options.binary ?? "tmux", options.env);
    const client = new TmuxClient(options, version);
    const connection = await client.#firstConnection();
    client.#supervisor = client.#supervise(connection);
    return client;
  }

  /** Process id of the tmux server, as of the last time we connected. */
  get serverPid(): number {
    return this.#serverPid;
  }

  get connected(): boolean {
    return this.#connection !== null;
  }

  /**
   * Runs one tmux command; resolves with the lines it printed. Commands are pipelined: no need to
   * await one before sending the next. Throws CF_TMUX_COMMAND {subcommand, message} when tmux
   * refuses it, CF_TMUX_DISCONNECTED when the answer will never come.
   */
  async command(args: readonly string[]): Promise<string[]> {
    const [lines = []] = await this.sequence([args]);
    return lines;
  }

  /** Runs independent commands with one write; one result per command, in order. Never throws. */
  async commands(list: readonly (readonly string[])[]): Promise<PromiseSettledResult<string[]>[]> {
    const answers = this.#send(list.map((args) => controlLine([args])));
    return Promise.allSettled(answers.map(async (answer) => (await answer)[0] ?? []));
  }

  /**
   * Runs commands as one tmux command line: nothing else of ours comes between, and the first
   * failure stops the rest and is thrown as by `command`. Resolves with the lines of each.
   */
  async sequence(list: readonly (readonly string[])[]): Promise<string[][]> {
    const [answer] = this.#send([controlLine(list)]);
    if (answer === undefined) return [];
    return answer;
  }

  /**
   * Lets tmux evaluate a format about once a second and emit `subscription` when its text changes
   * (the first time at once). Kept over reconnects. `#{S:…}` loops reach every session.
   */
  async subscribe(name: string, format: string): Promise<void> {
    this.#subscriptions.set(name, format);
    await this.command(subscribeCommand(name, format));
  }

  async unsubscribe(name: string): Promise<void> {
    this.#subscriptions.delete(name);
    await this.command(["refresh-client", "-B", name]);
  }

  /** Detaches for good. The server, the hub and every session keep running. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#connection?.close();
    await this.#supervisor;
  }

  /** Ends the server with every session on it, waits until it is gone, and closes. For drills. */
  async killServer(): Promise<void> {
    const pid = this.#serverPid;
    const { clock } = this.#options;
    this.#closing.abort();
    const clients = await this.command(["list-clients", "-F", "#{client_pid}"]).catch(() => []);
    await this.command(["kill-server"]).catch(() => undefined);
    await this.close();
    const { signal } = new AbortController();
    if (await waitForExit({ pid, timeoutMs: CLIENTS_GRACE_MS, clock, signal })) return;
    for (const client of abandonedClients(clients, 0)) endClient(client);
    await waitForExit({ pid, timeoutMs: KILL_GRACE_MS, clock, signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #send(lines: readonly ControlLine[]): Promise<string[][]>[] {
    if (this.#connection !== null) return this.#connection.send(lines);
    const error = new FailoverError("CF_TMUX_DISCONNECTED", "There is no connection to tmux.", {
      details: { sent: false },
    });
    return lines.map(() => Promise.reject(error));
  }

  /** A server that is just ending lets the first attempts fail. */
  async #firstConnection(): Promise<ControlConnection> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#connect();
      } catch (error) {
        const isTransient =
          error instanceof FailoverError && /server exited|lost server/.test(error.message);
        if (!isTransient || attempt === FIRST_ATTEMPTS) throw error;
        await this.#options.clock.sleep(FIRST_RETRY_MS * attempt);
      }
    }
  }

  async #connect(): Promise<ControlConnection> {
    const { binary = "tmux", env, clock, answerTimeoutMs = ANSWER_TIMEOUT_MS } = this.#options;
    const connection = await ControlConnection.open({
      binary,
      args: [...this.#serverArguments(), ...attachHubArguments(this.hubSession)],
      env,
      clock,
      answerTimeoutMs,
      onNotification: (name, text) => this.#notified(name, text),
    });
    try {
      this.#serverPid = await this.#prepare(connection);
    } catch (error) {
      await connection.close();
      throw error;
    }
    this.#connection = connection;
    return connection;
  }

  #serverArguments(): string[] {
    const { socket, configFile } = this.#options;
    const config = configFile === null ? [] : ["-f", configFile];
    return ["-u", ...socketArguments(socket), ...config, "-C"];
  }

  /**
   * Settings of the hub and our subscriptions; returns the server's pid. What a killed process of
   * ours left attached to the hub is ended.
   */
  async #prepare(connection: ControlConnection): Promise<number> {
    const subscriptions = [...this.#subscriptions].map(([name, format]) =>
      subscribeCommand(name, format),
    );
    const attached = ["list-clients", "-t", `=${this.hubSession}`, "-F", "#{client_pid}"];
    const ask = ["display-message", "-p", "#{pid}"];
    const [answer] = connection.send([
      controlLine([...hubOptions(this.hubSession), ...subscriptions, attached, ask]),
    ]);
    const [clients = [], server = []] = ((await answer) ?? []).slice(-2);
    for (const pid of abandonedClients(clients, connection.pid)) endClient(pid);
    return Number(server[0]);
  }

  #notified(name: string, text: string): void {
    // A user's `detach-on-destroy off` can move us to a session that is not ours.
    if (name === "session-changed" && !text.endsWith(` ${this.hubSession}`)) {
      this.#connection?.kill();
      return;
    }
    const event = notificationEvent(name, text);
    if (event === null) return;
    switch (event.name) {
      case "sessionsChanged":
        this.emit("sessionsChanged");
        return;
      case "windowClosed":
        this.emit("windowClosed", event.value);
        return;
      case "subscription":
        this.emit("subscription", event.value);
        return;
    }
  }

  async #supervise(first: ControlConnection): Promise<void> {
    let connection: ControlConnection | null = first;
    while (connection !== null) {
      const reason: string = await connection.ended;
      this.#connection = null;
      if (this.#isClosing()) return;
      this.emit("disconnected", { reason });
      connection = await this.#reconnect();
    }
  }

  async #reconnect(): Promise<ControlConnection | null> {
    const { clock } = this.#options;
    const { signal } = this.#closing;
    const oldPid = this.#serverPid;
    // While the old server ends, a new session on it fails with "server exited unexpectedly".
    await waitForExit({ pid: oldPid, timeoutMs: OLD_SERVER_GRACE_MS, clock, signal });
    for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS)) {
      if (this.#isClosing()) return null;
      const connection = await this.#connect().catch(() => null);
      if (connection !== null) {
        // close() may have come while we were connecting.
        if (this.#isClosing()) await connection.close();
        else this.emit("reconnected", this.#reconnectedEvent(oldPid));
        return connection;
      }
      await clock.sleep(waitMs, signal).catch(() => undefined);
    }
  }

  #reconnectedEvent(oldPid: number): { serverPid: number; serverRestarted: boolean } {
    return { serverPid: this.#serverPid, serverRestarted: this.#serverPid !== oldPid };
  }

  #isClosing(): boolean {
    return this.#closing.signal.aborted;
  }
}

function controlLine(list: readonly (readonly string[])[]): ControlLine {
  return {
    text: list.map(quoteCommand).join(" ; "),
    subcommands: list.map((args) => args[0] ?? ""),
  };
}

function subscribeCommand(name: string, format: string): string[] {
  return ["refresh-client", "-B", `${name}::${format}`];
}
