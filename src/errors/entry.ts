/** Exit statuses of the command line, and with them of every error (design: Command line). */
export const EXIT = { done: 0, fault: 1, usage: 2, nothingToDo: 3, refused: 4, held: 5 } as const;
export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** What brings the product out of an error: trying again, undoing, or a person. */
export type Recovery = "retry" | "rollback" | "operator";

export interface CatalogueEntry {
  readonly exit: ExitStatus;
  readonly recovery: Recovery;
  /** What to do next, where the place that throws knows nothing more exact. */
  readonly hint: string;
}
