import { COMMON, type Option, type Verb } from "./verb.ts";

/** What a shell offers in one place of a call; several offers together. */
export interface Offer {
  readonly words: readonly string[];
  readonly kinds: readonly OfferKind[];
}

/** What only the moment of asking tells. */
export type OfferKind = "accounts" | "sessions" | "files" | "folders";

const PLACEHOLDERS: Readonly<Record<string, OfferKind>> = {
  account: "accounts",
  session: "sessions",
  home: "folders",
  ACCOUNT: "accounts",
  SESSION: "sessions",
  FILE: "files",
  DIR: "folders",
};

/** Every option of a verb, its own first. */
export function optionsOf(verb: Verb): readonly (readonly [string, Option])[] {
  return Object.entries({ ...verb.options, ...COMMON });
}

/** What may stand for the value of an option that takes one. */
export function offerOfValue({ value = "", choices = [] }: Option): Offer {
  return { words: choices, kinds: kindsIn(value) };
}

/** What may stand for the words of a verb, by its choices and its operands: `[account]` are names. */
export function offerOfWords({ operands, choices = [] }: Verb): Offer {
  return { words: choices, kinds: kindsIn(operands) };
}

function kindsIn(text: string): OfferKind[] {
  return [...text.matchAll(/\w+/g)].flatMap(([name]) =>
    Object.hasOwn(PLACEHOLDERS, name) ? (PLACEHOLDERS[name] ?? []) : [],
  );
}
