import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { configurationPage, jsonSchema, jsonSchemaText } from "../../../src/config/reference.ts";

function inCheckout(path: string): string {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
}

describe("what node src/config/write-reference.ts makes", () => {
  test("schema/config.schema.json is up to date", () => {
    expect(inCheckout("schema/config.schema.json")).toBe(jsonSchemaText());
  });

  test("docs/configuration.md is up to date", () => {
    expect(inCheckout("docs/configuration.md")).toBe(configurationPage());
  });

  test("describes every key for editors", () => {
    expect(undescribed(jsonSchema())).toEqual([]);
  });

  test("names no host of ours", () => {
    expect(jsonSchema()).toMatchObject({ $id: "config.schema.json" });
  });
});

interface Node {
  description?: string;
  properties?: Record<string, Node>;
  items?: Node;
  anyOf?: Node[];
}

function undescribed(node: Node, path = ""): string[] {
  const inner = [
    ...Object.entries(node.properties ?? {}).flatMap(([key, value]) => {
      const here = `${path}.${key}`;
      return [...(value.description ? [] : [here]), ...undescribed(value, here)];
    }),
    ...(node.anyOf ?? []).flatMap((choice) => undescribed(choice, path)),
  ];
  return node.items ? [...inner, ...undescribed(node.items, `${path}[]`)] : inner;
}
