import { fileURLToPath } from "node:url";
import { createGenerator } from "ts-json-schema-generator";
import { ownVersion } from "../version.ts";
import { openApiDocument } from "./openapi.ts";

const root = new URL("../../", import.meta.url);

/** The file `schema/openapi.json`: the answers as the contract's types have them. */
export function openApiText(): string {
  const { definitions = {} } = createGenerator({
    path: fileURLToPath(new URL("src/api/*contract.ts", root)),
    tsconfig: fileURLToPath(new URL("tsconfig.json", root)),
    type: "*",
    skipTypeCheck: true,
    additionalProperties: true,
  }).createSchema("*");
  const named = JSON.stringify(definitions).replaceAll("#/definitions/", "#/components/schemas/");
  const document = openApiDocument(JSON.parse(named) as Record<string, unknown>, ownVersion());
  return `${JSON.stringify(document, null, 2)}\n`;
}
