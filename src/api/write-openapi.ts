import { writeFileSync } from "node:fs";
import { openApiText } from "./openapi-from-source.ts";

// Run from a checkout after a change of the API: node src/api/write-openapi.ts
writeFileSync(new URL("../../schema/openapi.json", import.meta.url), openApiText());
