/** A moment as metadata has it: RFC 3339 in whole seconds. */
export const timestamp = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`;
