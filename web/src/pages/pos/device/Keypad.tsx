import { useText } from '../../../app/preferences'
import { useStage } from '../context'
import type { PosKey } from '../shapes'

/** The keys as they lie on the POS: three columns of figures, one of what is done with them. */
export function Keypad() {
  const t = useText()
  const { state, press } = useStage()
  const alive = new Set(state.power === 'on' ? state.screen.alive : [])
  return (
    <div className="keypad" role="group" aria-label={t('pos.keypad')}>
      {LAYOUT.map((key) => (
        <button
          key={key}
          type="button"
          className={`key key-${CLASS[key] ?? 'figure'}`}
          disabled={!alive.has(key)}
          aria-label={NAMES[key] === undefined ? undefined : t(NAMES[key])}
          onClick={() => press(key)}
        >
          {SIGNS[key] ?? key}
          {WORDED.has(key) && NAMES[key] !== undefined && <small>{t(NAMES[key])}</small>}
        </button>
      ))}
    </div>
  )
}

const LAYOUT: readonly PosKey[] = [
  '1',
  '2',
  '3',
  'cancel',
  '4',
  '5',
  '6',
  'clear',
  '7',
  '8',
  '9',
  'menu',
  '00',
  '0',
  '.',
  'enter',
  'up',
  'down',
]

const CLASS: Partial<Record<PosKey, string>> = {
  cancel: 'cancel',
  clear: 'clear',
  enter: 'enter',
  menu: 'menu',
  up: 'arrow',
  down: 'arrow',
}

const SIGNS: Partial<Record<PosKey, string>> = {
  cancel: '✕',
  clear: '⌫',
  enter: '↵',
  menu: '☰',
  up: '▲',
  down: '▼',
  '.': '·',
}

const NAMES = {
  cancel: 'pos.key.cancel',
  clear: 'pos.key.clear',
  enter: 'pos.key.enter',
  menu: 'pos.key.menu',
  up: 'pos.key.up',
  down: 'pos.key.down',
  '.': 'pos.key.point',
} as const satisfies Partial<Record<PosKey, string>> as Partial<
  Record<
    PosKey,
    | 'pos.key.cancel'
    | 'pos.key.clear'
    | 'pos.key.enter'
    | 'pos.key.menu'
    | 'pos.key.up'
    | 'pos.key.down'
    | 'pos.key.point'
  >
>

const WORDED: ReadonlySet<PosKey> = new Set<PosKey>(['cancel', 'clear', 'enter', 'menu'])
