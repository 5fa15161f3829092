import { KEYS, type PosKey } from './shapes'

export interface Struck {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  /** What the key would do where the focus is: type a text, push a button, or nothing. */
  focus: 'text' | 'button' | 'none'
}

/** The key of the POS for a key of the keyboard; null when the browser keeps it. */
export function keyOf({ key, ctrlKey, metaKey, altKey, focus }: Struck): PosKey | null {
  if (ctrlKey || metaKey || altKey || focus === 'text') {
    return null
  }
  if (focus === 'button' && (key === 'Enter' || key === ' ')) {
    return null
  }
  return NAMED[key] ?? DIGITS.find((digit) => digit === key) ?? null
}

const DIGITS = KEYS.filter((key) => /^[0-9.]$/.test(key))

const NAMED: Partial<Record<string, PosKey>> = {
  Enter: 'enter',
  Escape: 'cancel',
  Backspace: 'clear',
  Delete: 'clear',
  ArrowUp: 'up',
  ArrowDown: 'down',
  m: 'menu',
  M: 'menu',
  ',': '.',
}

/** What the focus makes of a key. */
export function focusOf(target: EventTarget | null): Struck['focus'] {
  if (!(target instanceof Element)) {
    return 'none'
  }
  if (target.closest('input, select, textarea, [contenteditable], [role=combobox], dialog') !== null) {
    return 'text'
  }
  return target.closest('button, a, summary') === null ? 'none' : 'button'
}

/** The keys that lead from one line of the menu to another, and choose it. */
export function keysTo(from: number, to: number): PosKey[] {
  const step: PosKey = to > from ? 'down' : 'up'
  return [...Array.from({ length: Math.abs(to - from) }, () => step), 'enter']
}
