import { createHash } from "node:crypto";
import { parseDuration } from "../config/duration.ts";
import { issueProblems } from "../config/issues.ts";
import { readYaml } from "../config/yaml.ts";
import { MOST_PROMPT_BYTES, type TaskSpec } from "./model.ts";
import { taskSchema, type WrittenTask } from "./task-schema.ts";

/** A task, or the sentence that says why a text is none. */
export type ParsedTask =
  | {
      readonly ok: true;
      readonly task: TaskSpec;
      /** The front matter as it was written, without its fences; empty for none. */
      readonly front: string;
    }
  | { readonly ok: false; readonly why: string };

/** Front matter longer than this is none. */
const MOST_FRONT_BYTES = 64 * 1024;
/** The longest task file, in bytes. */
export const MOST_FILE_BYTES = MOST_PROMPT_BYTES + MOST_FRONT_BYTES;

/** Pure: a task file's content. Never throws; repeats nothing of the prompt. */
export function parseTaskFile(bytes: Uint8Array): ParsedTask {
  if (bytes.length > MOST_FILE_BYTES) return no(tooLong(bytes.length));
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return no("It is no text: it holds bytes that are not UTF-8.");
  }
  const parts = split(text.replaceAll("\r\n", "\n"));
  if (parts === null) return no(UNENDED);
  if (Buffer.byteLength(parts.front) > MOST_FRONT_BYTES)
    return no(`Its front matter is longer than ${MOST_FRONT_BYTES / 1024} KiB.`);
  const written = readFront(parts.front);
  if (!written.ok) return no(sentence("Its front matter is wrong", written.problems));
  const task = taskOf(written.value, parts.body);
  return task.ok ? { ...task, front: parts.front } : task;
}

/**
 * Pure: a request's prompt or task file, and fields named as in front matter, which go before those of
 * the file. Never throws.
 */
export function parseTaskRequest(
  fields: Readonly<Record<string, unknown>>,
  text: { readonly prompt: string } | { readonly file: string },
): ParsedTask {
  const parts =
    "file" in text ? split(text.file.replaceAll("\r\n", "\n")) : { front: "", body: text.prompt };
  if (parts === null) return no(UNENDED);
  const written = readFront(parts.front);
  if (!written.ok) return no(sentence("Its front matter is wrong", written.problems));
  const parsed = taskSchema.safeParse({ ...written.raw, ...fields });
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue) =>
      issueProblems(issue, fields, taskSchema),
    );
    const told = problems.map(({ wrong, right }) => `${wrong}; ${right}`);
    return no(sentence("The task is wrong", told));
  }
  const task = taskOf(parsed.data, parts.body.replaceAll("\r\n", "\n"));
  return task.ok ? { ...task, front: "" } : task;
}

const UNENDED = "Its front matter does not end: write --- on a line of its own below it.";

/** Null where a front matter begins and does not end. */
function split(text: string): { front: string; body: string } | null {
  const bare = text.replace(/^\uFEFF/, "");
  if (!/^---[ \t]*(?:\n|$)/.test(bare)) return { front: "", body: bare };
  const start = bare.indexOf("\n") + 1;
  if (start === 0) return null;
  const end = /^---[ \t]*$/m.exec(bare.slice(start));
  if (end === null) return null;
  return {
    front: bare.slice(start, start + end.index),
    body: bare.slice(start + end.index + end[0].length + 1),
  };
}

type FrontOutcome =
  | { readonly ok: true; readonly value: WrittenTask; readonly raw: object }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Line numbers count from the file's first line, which is the fence. */
function readFront(front: string): FrontOutcome {
  const yaml = readYaml(front);
  const told = (line: number, wrong: string, right: string): string =>
    `line ${line + 1}: ${wrong}; ${right}`;
  if (!yaml.ok) {
    return { ok: false, problems: yaml.problems.map((p) => told(p.line, p.wrong, p.right)) };
  }
  const { place, problems } = yaml.content;
  const value = yaml.content.value ?? {};
  const parsed = taskSchema.safeParse(value);
  const wrong = [
    ...problems.map((problem) => told(problem.line, problem.wrong, problem.right)),
    ...(parsed.error?.issues ?? [])
      .flatMap((issue) => issueProblems(issue, value, taskSchema))
      .map((problem) =>
        told(
          place(problem.path, problem.at).line,
          problem.path.length === 0
            ? problem.wrong.replace(/^the file/, "the front matter")
            : problem.wrong,
          problem.right,
        ),
      ),
  ];
  return parsed.success && wrong.length === 0
    ? { ok: true, value: parsed.data, raw: value }
    : { ok: false, problems: wrong };
}

type TaskOutcome =
  { readonly ok: true; readonly task: TaskSpec } | { readonly ok: false; readonly why: string };

function taskOf(written: WrittenTask, body: string): TaskOutcome {
  const prompt = body.trim();
  const refused = refusedPrompt(prompt);
  if (refused !== null) return no(refused);
  const { dedupe, timeout } = written;
  const task: TaskSpec = {
    title: written.title ?? null,
    prompt,
    priority: written.priority,
    tags: written.tags,
    capabilities: [...new Set(written.capabilities)].toSorted(),
    model: written.model ?? null,
    cwd: written.cwd ?? null,
    timeoutMs: timeout === undefined ? null : parseDuration(timeout),
    retries: written.retries ?? null,
    dedupe: dedupe === false ? null : dedupe === true ? contentKey(prompt) : `key:${dedupe}`,
    after: [...new Set(written.after.map(afterName))],
  };
  return { ok: true, task };
}

/** Why a prompt cannot be typed as it is, or null. */
function refusedPrompt(prompt: string): string | null {
  if (prompt === "") return "It has no prompt: write below the front matter what is to be done.";
  const bytes = Buffer.byteLength(prompt);
  if (bytes > MOST_PROMPT_BYTES) return tooLong(bytes);
  const control = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/.exec(prompt)?.[0];
  if (control !== undefined) {
    const code = control.charCodeAt(0).toString(16).padStart(2, "0");
    return `Its prompt holds the control character 0x${code}, which a terminal would act on.`;
  }
  if (/^[/!]/.test(prompt))
    return `Its prompt begins with ${prompt.slice(0, 1)}, which the client takes for a command: put words before it.`;
  return null;
}

function sentence(what: string, problems: readonly string[]): string {
  const told = `${what}: ${problems.join("; ")}`;
  return told.endsWith("?") ? told : `${told}.`;
}

/** Why a file of so many bytes is no task. */
export function tooLong(bytes: number): string {
  return `It is ${(bytes / 1024 / 1024).toFixed(1)} MiB long; a prompt has 1 MiB at most.`;
}

/** Whatever ends a file's name for the inbox says nothing to a reader. */
function afterName(written: string | number): string {
  return String(written).replace(/\.md$/, "");
}

function contentKey(prompt: string): string {
  return `sha256:${createHash("sha256").update(prompt).digest("hex")}`;
}

function no(why: string): { readonly ok: false; readonly why: string } {
  return { ok: false, why };
}
