import { EXIT, FailoverError } from "../errors.ts";
import { printJson, readConfig } from "./context.ts";
import { JSON_OPTION, type Verb } from "./verb.ts";

export const web: Verb = {
  name: "web",
  summary: "Print the address of the web page; it asks for the token.",
  operands: "",
  mostWords: 0,
  options: JSON_OPTION,
  examples: ["claude-failover web"],
  async run(call) {
    const { api } = await readConfig(call);
    if (api.listen === null || api.listen.port === 0)
      throw new FailoverError("CF_API_NO_PAGE", "api.listen names no port for a page.");
    const { host, port } = api.listen;
    const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}/`;
    if (call.values.json === true) printJson({ schema: 1, url, tokenEnv: api.tokenEnv });
    else process.stdout.write(`${url}\n`);
    return EXIT.done;
  },
};
