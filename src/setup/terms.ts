/** What is said before anything is set up for several accounts. No legal advice, and dated. */
export const TERMS: readonly string[] = [
  "Before you use several accounts (terms as read in November 2026; no legal advice):",
  "Anthropic says that logins are for ordinary use of Claude Code by the person who bought the plan, that the usage limits of Pro and Max assume ordinary, individual usage, and that it may act without notice.",
  "No text we found names several paid accounts of one person. But going on with a task on another account after a limit may be read as getting around it. Anthropic decides that, and your accounts are at risk.",
  "Use only accounts that you own and pay for, never somebody else's, and share none. Extra usage, a higher plan and the API are the vendor's own ways past a limit.",
  "https://code.claude.com/docs/en/legal-and-compliance",
  "https://www.anthropic.com/legal/aup",
];
