import { useText } from '../../../app/preferences'
import { useStage } from '../context'
import { WAYS } from '../shapes'

/** Where a card is presented: dragged there, or by pressing the slot, which takes the card chosen in the wallet. */
export function Slots() {
  const t = useText()
  const { state, card, present } = useStage()
  return (
    <div className="slots">
      {WAYS.map((way) => {
        const open = state.power === 'on' && state.screen.slots.includes(way) && card.ways.includes(way)
        return (
          <button
            key={way}
            type="button"
            data-way={way}
            className={`slot slot-${way} ${open ? 'slot-open' : ''}`}
            disabled={!open}
            aria-label={t('pos.way.with', { way: t(`pos.way.${way}`), card: card.card })}
            onClick={() => present(card, way)}
          >
            <svg viewBox="0 0 24 24" aria-hidden="true">
              <path d={SHAPES[way]} />
            </svg>
            {t(`pos.way.${way}`)}
          </button>
        )
      })}
    </div>
  )
}

const SHAPES = {
  swipe: 'M7 3h4v18h-4zM15 6l4 0M15 12h6M15 18h4',
  insert: 'M4 4h16M7 4v9h10v-9M12 16v5M9 18.5l3 3 3-3',
  tap: 'M5 9a4 4 0 0 1 0 6M9 6.500a8 8 0 0 1 0 11M13 4a12 12 0 0 1 0 16',
}
