import * as z from "zod";
import { OPERATIONS, type Operation } from "./operations.ts";

type Json = Readonly<Record<string, unknown>>;

const IDEMPOTENCY = {
  name: "Idempotency-Key",
  in: "header",
  description: "The same key with the same request gets the first answer again.",
  schema: { type: "string", pattern: "^[!-~]{1,200}$" },
};
const ERRORS: Readonly<Record<string, string>> = {
  400: "The request is not right.",
  401: "Over a port: the token is missing or wrong.",
  403: "Over a port: a foreign Host or Origin.",
  413: "The body is too long.",
  422: "The Idempotency-Key was used for another request.",
  429: "Over a port: too many changes.",
  500: "A fault.",
};

/**
 * The OpenAPI 3.1 document. `definitions` are the JSON schemas of the contract's types by name, as
 * they stand in the source; the requests are told by the schemas that the routes check them with.
 */
export function openApiDocument(definitions: Json, version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const each of OPERATIONS) {
    paths[each.path] ??= {};
    Object.assign(paths[each.path] ?? {}, { [each.method]: operationOf(each) });
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "claude-failover",
      version,
      description:
        "See docs/api.md and docs/json.md. New keys may come; ignore what you do not know.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "The unix socket, or api.listen." }],
    security: [{ token: [] }, {}],
    paths,
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "Over a port; not on the socket." },
      },
      responses: Object.fromEntries(
        Object.entries(ERRORS).map(([status, description]) => [
          `error${status}`,
          { description, content: { "application/json": { schema: typeNamed("ErrorJson") } } },
        ]),
      ),
      schemas: definitions,
    },
  };
}

function operationOf(operation: Operation): Json {
  const { method, path, summary, body } = operation;
  const parameters = [
    ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      name,
      in: "path",
      required: true,
      schema: { type: "integer", minimum: 0 },
    })),
    ...queryOf(operation.query),
    ...(method === "post" ? [IDEMPOTENCY] : []),
  ];
  return {
    operationId: `${method}${path.replaceAll(/[/{}.]+(\w|$)/g, (_, letter: string) => letter.toUpperCase())}`,
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { content: { "application/json": { schema: schemaOf(body, "input") } } } }),
    responses: responsesOf(operation),
  };
}

function queryOf(query: z.ZodObject | undefined): Json[] {
  const { properties = {} } = query === undefined ? {} : schemaOf(query, "output");
  return Object.entries(properties as Record<string, Json>).map(([name, whole]) => {
    const { description, ...schema } = whole;
    // A list stands in a query with commas.
    const style = schema["type"] === "array" ? { style: "form", explode: false } : {};
    return {
      name,
      in: "query",
      ...(description === undefined ? {} : { description }),
      ...style,
      schema,
    };
  });
}

function schemaOf(schema: z.ZodObject, io: "input" | "output"): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}

function responsesOf({ method, answer, mayBeUnwell }: Operation): Json {
  const content = answer.includes("/")
    ? {
        [answer]: {
          schema: answer === "application/json" ? { type: "object" } : { type: "string" },
        },
      }
    : { "application/json": { schema: typeNamed(answer) } };
  const statuses = Object.keys(ERRORS).filter(
    (status) => method === "post" || !["413", "422", "429"].includes(status),
  );
  return {
    200: { description: "The answer.", content },
    ...(mayBeUnwell ? { 503: { description: "The same, when it is not well.", content } } : {}),
    ...Object.fromEntries(
      statuses.map((status) => [status, { $ref: `#/components/responses/error${status}` }]),
    ),
  };
}

function typeNamed(name: string): Json {
  if (name.includes(" | ")) return { anyOf: name.split(" | ").map(typeNamed) };
  if (name.endsWith("[]")) return { type: "array", items: typeNamed(name.slice(0, -2)) };
  return { $ref: `#/components/schemas/${name}` };
}
