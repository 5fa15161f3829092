import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { haltValues } from '../../api/schema'
import { text, type Language } from '../../i18n/dictionary'
import type { useText } from '../../app/preferences'
import { haltWord, isAtWork, nodeWord } from './node'

/** What the server itself has. */
const rust = (path: string) => readFileSync(new URL(`../../../../crates/${path}`, import.meta.url), 'utf8')
const speaking = (language: Language) =>
  ((key, ...given) => text(language, key, ...given)) as ReturnType<typeof useText>
const [zh, en] = [speaking('zh'), speaking('en')]

test('every state that a node can have is said in the language of the page', () => {
  const told = [...rust('node/src/state.rs').matchAll(/=> f\.write_str\("(.+?)"\)/g)].map(
    ([, words = '']) => words,
  )
  expect(told).toHaveLength(6)
  for (const node of told) {
    expect(nodeWord(zh, node)).not.toMatch(/[A-Za-z]/)
    expect(nodeWord(en, node)).toBe(node)
  }
  const failed = 'stopped: the store failed: database disk image is malformed'
  expect(nodeWord(zh, failed)).toBe('已停止:存储出错:database disk image is malformed')
  expect(nodeWord(en, failed)).toBe(failed)
  expect(nodeWord(zh, 'asleep')).toBe('asleep')
})

test('every reason to take on no new payments is said in the language of the page', () => {
  for (const halt of haltValues) {
    expect(haltWord(zh, halt)).not.toMatch(/[A-Za-z]/)
    expect(haltWord(en, halt)).not.toContain('_')
  }
})

test('a node that starts or has stopped is not at work, though no reason is named', () => {
  expect(isAtWork('running')).toBe(true)
  expect(isAtWork('no new payments: the clock was changed')).toBe(true)
  expect(isAtWork('starting')).toBe(false)
  expect(isAtWork('stopped: the store has no room')).toBe(false)
  expect(isAtWork('stopped: the store failed: x')).toBe(false)
})
