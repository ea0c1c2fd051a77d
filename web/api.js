/** The daemon's API with the token of this tab. The token is in no address: a header carries it. */

const KEY = "claude-failover-token";

/** A token handed over behind `#` is taken out of the address at once; it never reached a server. */
export function takeTokenFromAddress() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given === null) return;
  sessionStorage.setItem(KEY, given);
  history.replaceState(null, "", location.pathname);
}

export const hasToken = () => sessionStorage.getItem(KEY) !== null;
export const setToken = (token) => sessionStorage.setItem(KEY, token);
export const forgetToken = () => sessionStorage.removeItem(KEY);

export class Refused extends Error {}

async function ask(path, options = {}) {
  const response = await fetch(path, {
    ...options,
    headers: {
      authorization: `Bearer ${sessionStorage.getItem(KEY) ?? ""}`,
      "content-type": "application/json",
      ...options.headers,
    },
    cache: "no-store",
  });
  if (response.status === 401) throw new Refused("That is not the token.");
  return response;
}

async function answered(response) {
  const value = await response.json();
  if (!response.ok) throw new Error(value.error?.message ?? `HTTP ${response.status}`);
  return value;
}

export const get = async (path) => answered(await ask(path));

/** A change; repeated by accident, it is made once. */
export async function post(path, body = {}) {
  const headers = { "idempotency-key": crypto.randomUUID() };
  return answered(await ask(path, { method: "POST", body: JSON.stringify(body), headers }));
}

/** Calls `heard` with every event after `since`, until the connection ends. */
export async function follow(since, heard) {
  const response = await ask(`/v1/events?follow=1&since=${since}`);
  if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") heard(JSON.parse(line));
  }
}
