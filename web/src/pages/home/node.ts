import type { Health } from '../../api/shapes'
import type { useText } from '../../app/preferences'
import { dictionary } from '../../i18n/dictionary'

type Text = ReturnType<typeof useText>
type Halt = NonNullable<Health['refuses']>

const STATES = ['starting', 'running', 'disk_low', 'clock_jumped', 'store_full', 'store_read_only'] as const
/** States in which the engine takes inputs. */
const AT_WORK: readonly string[] = ['running', 'disk_low', 'clock_jumped']

/** How the node stands: the server says it in English; a state that these pages do not know keeps its own words. */
export function nodeWord(t: Text, node: string): string {
  const known = stateOf(node)
  if (known !== undefined) {
    return t(`node.${known}`)
  }
  const why = /^stopped: the store failed: (.*)$/s.exec(node)?.[1]
  return why === undefined ? node : t('node.store_failed', { why })
}

/** Why no new payments are taken on. */
export function haltWord(t: Text, refuses: Halt): string {
  return t(`halt.${refuses}`)
}

/** Whether the engine is at work; where it is not, the server has no reason to name why it takes nothing. */
export function isAtWork(node: string): boolean {
  return AT_WORK.includes(stateOf(node) ?? '')
}

function stateOf(node: string) {
  return STATES.find((each) => dictionary[`node.${each}`][1] === node)
}
