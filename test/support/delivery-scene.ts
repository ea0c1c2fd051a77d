import { Deliveries, type DeliveryOutcome } from "../../src/sessions/deliver.ts";
import { Receipts, type Receipt } from "../../src/sessions/receipts.ts";
import { FakeClientPane } from "./fake-client-pane.ts";
import { manualClock, type ManualClock } from "./manual-clock.ts";
import { passTime } from "./pass-time.ts";

/** A session whose client answers, or not, as the test sets it. */
export class DeliveryScene {
  readonly clock: ManualClock = manualClock();
  readonly pane = new FakeClientPane();
  readonly receipts = new Receipts();
  isDue = true;
  state: "working" | "starting" | "ready" = "ready";
  /** What we typed and did not enter yet, as it is remembered over a restart. */
  typed: string | null = null;
  /** What the transcript gives when it is asked. */
  askTranscript: () => void = () => undefined;
  asked = 0;

  /** The client says, by its hook, what it took. */
  constructor() {
    this.pane.onSubmit = (text) => this.tell({ text });
  }

  tell(changes: Partial<Receipt>): void {
    const { clock } = this;
    this.receipts.add({
      session: "ccl-1",
      text: "continue",
      promptId: "p-1",
      channel: "hook",
      at: clock.now(),
      ...changes,
    });
  }

  readonly deliveries = this.#made();

  async deliver(text = "continue"): Promise<DeliveryOutcome> {
    const isDue = (): boolean => this.isDue;
    const target = { session: "ccl-1", paneId: "%1", text, isDue };
    return passTime(this.clock, this.deliveries.deliver(target));
  }

  #made(): Deliveries {
    const { clock, pane, receipts } = this;
    return new Deliveries({
      panes: pane,
      clock,
      receipts,
      random: () => 0,
      stateOf: () => this.state,
      typed: { get: () => this.typed, set: async (_name, text) => void (this.typed = text) },
      askTranscript: async () => {
        this.asked += 1;
        this.askTranscript();
        return Promise.resolve();
      },
    });
  }
}
