let count = 0;

/** One line of a transcript, line end included: a prompt that somebody typed. */
export function transcriptLine(text: string, fields: object = {}): string {
  count += 1;
  const row = {
    parentUuid: null,
    isSidechain: false,
    promptId: `prompt-${count}`,
    type: "user",
    message: { role: "user", content: text },
    uuid: `row-${count}`,
    timestamp: "2026-11-20T10:44:03.419Z",
    cwd: "/home/op/proj",
    sessionId: "00000000-0000-4000-8000-000000000001",
    version: "2.1.328",
    ...fields,
  };
  return `${JSON.stringify(row)}\n`;
}
