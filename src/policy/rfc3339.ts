/** RFC 3339 UTC text of an epoch in milliseconds. Pure: the instant is an argument. */
export function rfc3339(epochMs: number): string {
  // oxlint-disable-next-line no-restricted-globals -- formats an instant it was given; reads no clock
  return new Date(epochMs).toISOString();
}
