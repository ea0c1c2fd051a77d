import { onTestFinished } from "vitest";
import * as drill from "../../src/drill/token-endpoint.ts";

export type TokenEndpoint = drill.TokenEndpoint;

/** The stand-in for the vendor's token endpoint, for the running test. */
export async function startTokenEndpoint(folder: string): Promise<TokenEndpoint> {
  const endpoint = await drill.startTokenEndpoint(folder);
  onTestFinished(() => endpoint.close());
  return endpoint;
}
