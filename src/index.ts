/** The package's public surface: the types of the JSON contract and the client of the API. */
export { apiClient, type ApiClient } from "./api/typed-client.ts";
export { ask, follow, type ApiRequest, type ApiTarget } from "./api/client.ts";
export type * from "./api/contract.ts";
export type * from "./api/dispatch-contract.ts";
export type * from "./api/health-contract.ts";
export type * from "./api/notify-contract.ts";
export type * from "./api/usage-contract.ts";
export type * from "./api/why-contract.ts";
export { FailoverError, type ErrorCode } from "./errors.ts";
