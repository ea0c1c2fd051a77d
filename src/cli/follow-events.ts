import { follow } from "../api/client.ts";
import type { EventJson } from "../api/contract.ts";
import { EXIT, type ExitStatus } from "../errors.ts";
import { stopOnSignal } from "./stop-signal.ts";

/** Tells every event after number `since`, until a signal: that is how following ends, and no fault. */
export async function followEvents(
  { socket, since }: { readonly socket: string; readonly since: number },
  tell: (event: EventJson) => void | Promise<void>,
): Promise<ExitStatus> {
  using stop = stopOnSignal();
  const path = `/v1/events?follow=1&since=${since}`;
  try {
    for await (const event of follow<EventJson>({ socket, path, signal: stop.signal }))
      await tell(event);
  } catch (thrown) {
    if (!stop.signal.aborted) throw thrown;
  }
  return EXIT.done;
}
