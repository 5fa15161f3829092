import { account } from './words/account'
import { desk } from './words/desk'
import { merchant } from './words/merchant'
import { payments } from './words/payments'
import { people } from './words/people'
import { pos } from './words/pos'
import { shell } from './words/shell'
import { vocabulary } from './words/vocabulary'

/** Every visible string, by key: Chinese, English. Both stand side by side, so that neither is forgotten. */
export const dictionary = {
  ...shell,
  ...vocabulary,
  ...desk,
  ...payments,
  ...account,
  ...pos,
  ...merchant,
  ...people,
} as const

export type Key = keyof typeof dictionary
export type Language = 'zh' | 'en'

/** What a text must be given: the names in its braces. */
export type Given<K extends Key> = Record<Names<(typeof dictionary)[K][1]>, string | number>

/** The text of a key, with what it was given in the places of its braces. */
export function text<K extends Key>(language: Language, key: K, ...given: Arguments<K>): string {
  const [zh, en] = dictionary[key]
  const values: Partial<Record<string, string | number>> = given[0] ?? {}
  return (language === 'zh' ? zh : en).replace(BRACES, (whole, name: string) => String(values[name] ?? whole))
}

/** The names in the braces of a text. */
export function names(template: string): string[] {
  return [...template.matchAll(BRACES)].map(([, name = '']) => name).sort()
}

export type Arguments<K extends Key> = [Names<(typeof dictionary)[K][1]>] extends [never] ? [] : [Given<K>]

type Names<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Names<Rest>
  : never

const BRACES = /\{(\w+)\}/g
