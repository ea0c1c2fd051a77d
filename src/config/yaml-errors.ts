import type { ErrorCode, YAMLError } from "yaml";

interface Wording {
  readonly wrong: string;
  readonly right: string;
}

const INDENT: Wording = {
  wrong: "the indentation does not fit the lines above",
  right: "begin keys that belong together in the same column, with spaces",
};
const NOT_YAML: Wording = {
  wrong: "this is not valid YAML",
  right: "write key: value, and put text with : # [ ] { } , & * in quotes",
};
const PROPERTIES: Wording = {
  wrong: "an anchor (&name), alias (*name) or tag (!name) stands where it cannot",
  right: "remove it, or put text that begins with &, * or ! in quotes",
};

/** Our own words for the parser's codes: its messages may quote the line, and lines hold secrets. */
const WORDING: Readonly<Partial<Record<ErrorCode, Wording>>> = {
  ALIAS_PROPS: PROPERTIES,
  BAD_ALIAS: PROPERTIES,
  BAD_PROP_ORDER: PROPERTIES,
  MULTIPLE_ANCHORS: PROPERTIES,
  MULTIPLE_TAGS: PROPERTIES,
  BAD_COLLECTION_TYPE: PROPERTIES,
  TAG_RESOLVE_FAILED: {
    wrong: "this !tag is not known",
    right: "remove it, or put text that begins with ! in quotes",
  },
  BAD_DIRECTIVE: {
    wrong: "this % directive is not known",
    right: "remove the line",
  },
  BAD_DQ_ESCAPE: {
    wrong: "this \\ escape is not known in double quotes",
    right: "write \\\\ for a backslash, or use single quotes",
  },
  BAD_INDENT: INDENT,
  MULTILINE_IMPLICIT_KEY: INDENT,
  TAB_AS_INDENT: { wrong: "a tab stands in the indentation", right: "indent with spaces" },
  BAD_SCALAR_START: {
    wrong: "a value begins with a character that YAML reserves",
    right: "put the value in quotes",
  },
  BLOCK_AS_IMPLICIT_KEY: {
    wrong: "a second key begins on the line of the first, or a line is indented too far",
    right: 'put text that contains ": " in quotes, and begin keys in the same column',
  },
  BLOCK_IN_FLOW: {
    wrong: "an indented block stands inside [ ] or { }",
    right: "close the bracket first",
  },
  MISSING_CHAR: {
    wrong: "a quote, bracket, comma or colon is missing here or before",
    right: "close what is open, and write key: value",
  },
  MULTIPLE_DOCS: {
    wrong: "a second document begins here (--- or ...)",
    right: "keep everything in one document",
  },
  NON_STRING_KEY: { wrong: "a key is not text", right: "write key: value" },
  RESOURCE_EXHAUSTION: { wrong: "this is nested too deeply", right: "use fewer levels" },
};

const UNCLOSED: Wording = {
  wrong: "a [ or { is not closed in the lines above",
  right: "close it, or put text that begins with it in quotes",
};

/** What is wrong and what would be right for an error of the YAML parser. */
export function syntaxProblem({ code, message }: YAMLError): Wording {
  // The parser has one code for this and for a column that does not fit.
  if (code === "BAD_INDENT" && message.startsWith("Flow ")) return UNCLOSED;
  return WORDING[code] ?? NOT_YAML;
}
