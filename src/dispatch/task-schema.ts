import * as z from "zod";
import { TASK_PRIORITIES } from "../config/config.ts";
import { duration, list, map, model, oneOf, path, text, whole, word } from "../config/values.ts";

const PRINTABLE = /^[^\x00-\x1f\x7f]+$/;
const AFTER = "write the number of a task, or the name of a task file of the same project";

const after = z
  .union([z.int().min(1), z.string().regex(PRINTABLE).max(255)], { error: AFTER })
  .meta({ title: "task", description: "One task." });

/** The keys of a task's front matter, which are also those of a request to dispatch. */
export const taskSchema = map(
  {
    title: text({
      pattern: PRINTABLE,
      right: "write one line of text",
      max: 200,
      description: "What lists call the task.",
    }).optional(),
    priority: oneOf(TASK_PRIORITIES, "How urgent it is.").default("normal"),
    tags: list(
      word("One tag."),
      "Words to find it by.",
      "write a list of words, like [api]",
    ).default([]),
    capabilities: list(
      word("One capability."),
      "What its session must be able to do (`sessions.pool.capabilities`).",
      "write a list of capabilities, like [gpu]",
    ).default([]),
    model: model("The model it is done with.").optional(),
    cwd: path(
      "The folder it is done in, inside the project.",
      "name a folder of the project, like packages/api",
    ).optional(),
    timeout: duration("How long it may take.").optional(),
    retries: whole({
      min: 0,
      max: 100,
      description: "How often it is given out again after it failed.",
    }).optional(),
    dedupe: z
      .union([z.boolean(), z.string().regex(PRINTABLE).max(200)], {
        error: "write true to go by the text, or a name of your own",
      })
      .meta({ title: "true or text", description: "When two tasks are the same one." })
      .default(false),
    after: list(
      after,
      "What must be done before it.",
      `${AFTER}, in a list like [17, build]`,
    ).default([]),
  },
  "The front matter of a task.",
  "write keys and values, like priority: high",
);

/** Front matter after validation. */
export type WrittenTask = z.output<typeof taskSchema>;
