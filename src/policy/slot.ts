/** The name of the slot that sessions use which have none of their own. */
export const SHARED_SLOT = "shared";
