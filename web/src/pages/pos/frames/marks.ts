import type { FrameField } from '../shapes'

/** Bytes of a frame: from `start` up to, not with, `end`. */
export interface Mark {
  start: number
  end: number
}

/** The bytes of a field; a part of a field has those from its beginning to that of the next part, or of the whole's end. */
export function marked(fields: readonly FrameField[], at: number): Mark | null {
  const field = fields[at]
  if (field === undefined) {
    return null
  }
  if (!field.inside) {
    return { start: field.offset, end: field.offset + field.length }
  }
  const whole = fields.slice(0, at).findLast(({ inside }) => !inside)
  const end = whole === undefined ? field.offset + 1 : whole.offset + whole.length
  const next = fields[at + 1]
  const upto = next?.inside === true ? Math.min(next.offset, end) : end
  // Two parts may share a byte, of which each has a half.
  return { start: field.offset, end: Math.max(upto, field.offset + 1) }
}

/** The field that a byte belongs to, without its parts; -1 when none does. */
export function fieldOf(fields: readonly FrameField[], byte: number): number {
  return fields.findIndex(({ inside, offset, length }) => !inside && byte >= offset && byte < offset + length)
}
