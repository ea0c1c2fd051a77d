/** The package's public surface: the types of the JSON contract and the client of the API. */
export { ask, follow, type ApiRequest } from "./api/client.ts";
export type * from "./api/contract.ts";
export { FailoverError, type ErrorCode } from "./errors.ts";
