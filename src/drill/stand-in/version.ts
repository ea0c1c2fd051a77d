/** The version of Claude Code whose surfaces the stand-in agent speaks. */
export const STAND_IN_VERSION = "2.1.328";
