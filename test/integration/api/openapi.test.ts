import { readFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";
import { openApiText } from "../../../src/api/openapi-from-source.ts";

const text = readFileSync(new URL("../../../schema/openapi.json", import.meta.url), "utf8");

test("schema/openapi.json tells of the API as it is; else run node src/api/write-openapi.ts", () => {
  expect(openApiText()).toBe(text);
});

test("schema/openapi.json is OpenAPI 3.1", async () => {
  const validator = new Validator();
  const outcome = await validator.validate(JSON.parse(text) as Record<string, unknown>);
  expect([outcome.errors, validator.version]).toEqual([undefined, "3.1"]);
});
