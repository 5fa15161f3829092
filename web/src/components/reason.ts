/** What the server takes of the reason of a proposal. */
export const MOST_REASON = 200

/** A reason is kept in one line: the server takes none with line ends. */
export function reasonOf(typed: string): string {
  return typed.trim().replace(/\s+/g, ' ')
}
