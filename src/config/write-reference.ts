import { writeFileSync } from "node:fs";
import { configurationPage, jsonSchemaText } from "./reference.ts";

// Run from a checkout after a change of the schema: node src/config/write-reference.ts
const root = new URL("../../", import.meta.url);
writeFileSync(new URL("schema/config.schema.json", root), jsonSchemaText());
writeFileSync(new URL("docs/configuration.md", root), configurationPage());
