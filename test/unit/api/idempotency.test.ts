import { expect, it } from "vitest";
import { apiApp } from "../../../src/api/server.ts";
import { DONE, FakeHandlers } from "../../support/fake-handlers.ts";

function make() {
  const handlers = new FakeHandlers();
  const app = apiApp(handlers.areas);
  const post = async (key: string, body = "{}", path = "/v1/switchover") =>
    app.request(path, { method: "POST", body, headers: { "idempotency-key": key } });
  return { handlers, post };
}

it("makes a change once for a key, and tells its answer again", async () => {
  const { handlers, post } = make();
  const first = await post("a", '{"to":"two"}');
  const again = await post("a", '{"to":"two"}');
  expect(await first.json()).toEqual(DONE);
  expect(await again.json()).toEqual(DONE);
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  expect(handlers.asked).toEqual([{ session: null, to: "two", dryRun: false }]);
});

it("makes it once also while the first is still under way", async () => {
  const { handlers, post } = make();
  const gate = Promise.withResolvers<void>();
  const made = handlers.switchover.bind(handlers);
  handlers.switchover = async (options) => gate.promise.then(async () => made(options));
  const both = [post("a"), post("a")];
  gate.resolve();
  for (const answer of await Promise.all(both)) expect(await answer.json()).toEqual(DONE);
  expect(handlers.asked).toHaveLength(1);
});

it("refuses a key that was used for something else, and one that is none", async () => {
  const { handlers, post } = make();
  await post("a", '{"to":"two"}');
  expect((await post("a", '{"to":"three"}')).status).toBe(422);
  expect((await post("a", '{"to":"two"}', "/v1/recover")).status).toBe(422);
  expect((await post("a b")).status).toBe(400);
  expect(handlers.asked).toHaveLength(1);
});

it("makes it again after a fault, and for another key", async () => {
  const { handlers, post } = make();
  const made = handlers.switchover.bind(handlers);
  handlers.switchover = async () => Promise.reject(new Error("the disk is full"));
  expect((await post("a")).status).toBe(500);
  handlers.switchover = made;
  expect((await post("a")).status).toBe(200);
  expect((await post("b")).status).toBe(200);
  expect(handlers.asked).toHaveLength(2);
});
