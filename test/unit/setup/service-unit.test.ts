import { expect, it } from "vitest";
import { watchdogMs } from "../../../src/daemon/service-notify.ts";
import { MARK, servicePlan, type ServiceWish } from "../../../src/setup/service-unit.ts";

const WISH: ServiceWish = {
  scope: "user",
  platform: "linux",
  program: ["/opt/node/bin/node", "/opt/claude failover/main.js"],
  config: null,
  home: "/home/op",
  configHome: "/home/op/.config",
  user: "op",
  uid: 1000,
  path: "/home/op/100% $mine/bin:/usr/bin",
  sandbox: false,
};

const linesOf = (changes: Partial<ServiceWish>): string[] =>
  servicePlan({ ...WISH, ...changes }).content.split("\n");

it("the unit lets sessions live on, restarts the daemon, and hears whether it is alive", () => {
  const lines = linesOf({});
  for (const line of ["Type=notify", "Restart=always", "KillMode=process", "OOMPolicy=continue"])
    expect(lines).toContain(line);
  expect(lines.some((line) => line.startsWith("WatchdogSec="))).toBe(true);
  expect(lines[0]).toContain(MARK);
});

it("words are quoted as systemd reads them", () => {
  const lines = linesOf({ config: "/etc/$cf.yaml" });
  expect(lines).toContain(
    'ExecStart=/opt/node/bin/node "/opt/claude failover/main.js" run --config "/etc/$$cf.yaml"',
  );
  expect(lines).toContain('Environment="PATH=/home/op/100%% $mine/bin:/usr/bin"');
});

it("only the sandbox limits what sessions can do", () => {
  const limits =
    /^(NoNewPrivileges|Protect|Restrict(?!.*=always|PreventExit)|Lock|SystemCall|Private)/;
  const own = (line: string): boolean => limits.test(line) && !line.startsWith("Restart");
  expect(linesOf({}).filter(own)).toEqual([]);
  expect(linesOf({ sandbox: true }).filter(own).length).toBeGreaterThan(5);
});

it("the system's unit runs as the operator and finds the operator's socket", () => {
  const plan = servicePlan({ ...WISH, scope: "system" });
  expect(plan.file).toBe("/etc/systemd/system/claude-failover.service");
  const lines = plan.content.split("\n");
  for (const line of [
    "User=op",
    "Environment=XDG_RUNTIME_DIR=/run/user/1000",
    "Requires=user-runtime-dir@1000.service",
    "WantedBy=multi-user.target",
  ])
    expect(lines).toContain(line);
  expect(plan.install[0]).toEqual(["systemctl", "daemon-reload"]);
});

it("the property list escapes what XML reads, and says that it was never tried", () => {
  const plan = servicePlan({ ...WISH, platform: "darwin", config: "/a&b<c>.yaml" });
  expect(plan.content).toContain("<string>/a&amp;b&lt;c&gt;.yaml</string>");
  expect(plan.notes.join(" ")).toContain("never been tried");
});

it.each([
  [{ WATCHDOG_USEC: "120000000" }, 120_000],
  [{ WATCHDOG_USEC: "120000000", WATCHDOG_PID: "7" }, 120_000],
  [{ WATCHDOG_USEC: "120000000", WATCHDOG_PID: "8" }, null],
  [{ WATCHDOG_USEC: "soon" }, null],
  [{}, null],
])("the watchdog time of %j is %s", (env, ms) => {
  expect(watchdogMs(env, 7)).toBe(ms);
});
