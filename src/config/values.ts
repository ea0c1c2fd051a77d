import * as z from "zod";
import { DURATION_PATTERN, parseDuration } from "./duration.ts";

/*
 * The kinds of value a configuration is made of. Every `error` is half a sentence that says what
 * would be right; `problems.ts` puts what is wrong in front of it. `title` names the kind and
 * `description` the meaning, for editors and for docs/configuration.md.
 */

/** No control characters anywhere: a line break would end a command of tmux's control mode. */
export const PRINTABLE = /^[^\x00-\x1f\x7f]+$/;
const EMAIL = /^[^\s@\x00-\x1f]+@[^\s@\x00-\x1f]+$/;
/** tmux forbids `.` and `:` and gives meaning to `#`, `%`, `$`, `@`, `=` and glob characters. */
const SESSION_NAME = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$/;
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Upper case only, so that a token pasted in place of a name is not taken for one. */
const SECRET_VARIABLE_NAME = /^[A-Z_][A-Z0-9_]{0,63}$/;

export function text(options: {
  pattern: RegExp;
  right: string;
  description: string;
  title?: string;
  max?: number;
}) {
  const { pattern, right, description, title = "text", max = 1000 } = options;
  return z
    .string({ error: right })
    .max(max, { error: right, abort: true })
    .regex(pattern, { error: right })
    .meta({ title, description });
}

export function path(description: string, right: string) {
  return text({ pattern: PRINTABLE, right, max: 4096, title: "path", description })
    .regex(/^(?!\$|~[^/])/, {
      error: "write the path out; only ~/ at its beginning is expanded",
    })
    .meta({ title: "path", description });
}

export function duration(description: string) {
  const right = "write a duration up to 24d, like 90s, 5m or 1h30m";
  return z
    .string({ error: right })
    .max(100, { error: right, abort: true })
    .regex(DURATION_PATTERN, { error: right, abort: true })
    .refine((value) => parseDuration(value) !== null, { error: right })
    .meta({ title: "duration", description });
}

export function whole(options: { min: number; max: number; description: string }) {
  const { min, max, description } = options;
  const right = `write a whole number from ${min} to ${max}`;
  return z
    .int({ error: right })
    .min(min, { error: right })
    .max(max, { error: right })
    .meta({ title: "whole number", description });
}

export function percent(description: string) {
  const right = "write a percentage as a number from 1 to 100, without %";
  return z
    .number({ error: right })
    .min(1, { error: right })
    .max(100, { error: right })
    .meta({ title: "percent", description });
}

export function oneOf<const T extends readonly [string, ...string[]]>(
  words: T,
  description: string,
) {
  const right = `write one of ${words.join(", ")}`;
  return z.enum(words, { error: right }).meta({ title: "word", description });
}

export function flag(description: string) {
  return z.boolean({ error: "write true or false" }).meta({ title: "true or false", description });
}

export function sessionNameLike(description: string) {
  const right =
    'use up to 64 letters (a-z), digits, "-" and "_"; tmux gives other characters a meaning';
  return text({ pattern: SESSION_NAME, right, description });
}

export function word(description: string) {
  const right = 'use up to 64 letters, digits, ".", "-" and "_", like gpu';
  return text({ pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, right, title: "word", description });
}

export function model(description: string) {
  const right = "write a model as the client takes it, like opus";
  const pattern = /^[A-Za-z0-9][A-Za-z0-9._:/@[\]-]{0,199}$/;
  return text({ pattern, right, title: "model", description });
}

export function secretVariable(description: string) {
  const right =
    "write the name of an environment variable (A-Z, 0-9, _) that holds the secret, never the secret";
  return text({ pattern: SECRET_VARIABLE_NAME, right, title: "variable name", description });
}

export function email(description: string) {
  const right = "write an address like me@example.org";
  return text({ pattern: EMAIL, right, max: 254, title: "e-mail address", description });
}

export function list<T extends z.ZodType>(item: T, description: string, right: string) {
  return z.array(item, { error: right }).meta({ title: "list", description });
}

export function args(description: string) {
  const item = text({
    pattern: PRINTABLE,
    right: 'write each argument as text, in quotes where it could be a number, like "--model"',
    max: 32_768,
    description: "One argument, passed as it is: no shell reads it.",
  });
  const right = 'write a list of arguments, like ["--model", "opus"]';
  return list(item, description, right).default([]).meta({ title: "list", description });
}

export function variables(description: string) {
  const name = z.string().regex(VARIABLE_NAME, { error: "use letters, digits and _" });
  const value = text({
    pattern: /^[^\x00-\x1f\x7f]*$/,
    right: "write text on one line, in quotes where it could be a number, true or null",
    max: 32_768,
    description: "The variable's value.",
  });
  return z
    .record(name, value, { error: "write variables below it, like LANG: C.UTF-8, or {}" })
    .default({})
    .meta({ title: "map", description });
}

/** A map with these keys and no others. */
export function map<S extends z.ZodRawShape>(shape: S, description: string, right: string) {
  return z.strictObject(shape, { error: right }).meta({ title: "map", description });
}

/** A map that may be left out, because every key of it has a default. */
export function section<S extends z.ZodRawShape>(shape: S, description: string) {
  const right = `write its keys below it (${Object.keys(shape).join(", ")}) or remove the line`;
  return z
    .strictObject(shape, { error: right })
    .prefault({} as never)
    .meta({ title: "map", description });
}

/** The value, or null (which is also its default) for "none". */
export function orNull<T extends z.ZodType>(value: T) {
  const { title, description } = value.meta() ?? {};
  return value
    .nullable()
    .default(null as never)
    .meta({ title: `${title ?? "value"} or null`, description: description ?? "" });
}
