import { useId, useRef, useState, type PointerEvent } from 'react'
import { useText, useWords } from '../../../app/preferences'
import { useStage } from '../context'
import { WAYS, type Card, type Way } from '../shapes'

const GROUPS = ['good', 'broken', 'declined', 'follow_up', 'clearing'] as const

/** The test cards with their stories. */
export function Wallet() {
  const t = useText()
  const words = useWords()
  const id = useId()
  const { cards, card, choose } = useStage()
  const [group, setGroup] = useState<Card['group']>(card.group)
  return (
    <section className="wallet" aria-labelledby={id}>
      <div className="wallet-head">
        <h2 id={id}>{t('pos.wallet')}</h2>
        <div className="wallet-groups" role="group" aria-label={t('pos.wallet')}>
          {GROUPS.filter((each) => cards.some((known) => known.group === each)).map((each) => (
            <button key={each} type="button" aria-pressed={group === each} onClick={() => setGroup(each)}>
              {t(`pos.group.${each}`)}
            </button>
          ))}
        </div>
      </div>
      <ul className="wallet-cards">
        {cards
          .filter((each) => each.group === group)
          .map((each) => (
            <li key={each.card}>
              <CardButton card={each} chosen={each.card === card.card} onChoose={choose} />
            </li>
          ))}
      </ul>
      <p className="wallet-story" role="status">
        <strong>…{card.card}</strong> {words(card.story)}{' '}
        <span className="soft">{t('pos.wallet.pin', { pin: card.pin })}</span>
      </p>
      <p className="soft wallet-hint">{t('pos.wallet.hint')}</p>
    </section>
  )
}

interface CardButtonProps {
  card: Card
  chosen: boolean
  onChoose: (card: Card) => void
}

function CardButton({ card, chosen, onChoose }: CardButtonProps) {
  const words = useWords()
  const drag = useDrag(card, onChoose)
  return (
    <button
      type="button"
      className={`card card-${card.group}`}
      aria-pressed={chosen}
      onClick={() => onChoose(card)}
      {...drag}
    >
      <span className="card-chip" aria-hidden="true" />
      <span className="card-no">…{card.card}</span>
      <span className="card-story">{words(card.story)}</span>
    </button>
  )
}

/** Dragging: over a slot the card is let go, or drawn through the slot for the stripe. */
function useDrag(card: Card, onChoose: (card: Card) => void) {
  const { present } = useStage()
  const from = useRef<{ x: number; y: number; element: HTMLElement } | null>(null)
  const end = () => {
    const held = from.current
    if (held !== null) {
      held.element.style.translate = ''
      held.element.classList.remove('card-held')
      from.current = null
    }
  }
  return {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button === 0) {
        from.current = { x: event.clientX, y: event.clientY, element: event.currentTarget }
        // Also a quick hand, whose next event is elsewhere, keeps hold of the card.
        event.currentTarget.setPointerCapture(event.pointerId)
      }
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      const held = from.current
      if (held === null) {
        return
      }
      const [x, y] = [event.clientX - held.x, event.clientY - held.y]
      if (!held.element.classList.contains('card-held')) {
        if (Math.hypot(x, y) < 8) {
          return
        }
        onChoose(card)
        held.element.classList.add('card-held')
      }
      held.element.style.translate = `${x}px ${y}px`
    },
    onPointerUp: (event: PointerEvent<HTMLElement>) => {
      const moved = from.current?.element.classList.contains('card-held') ?? false
      end()
      const way = moved ? wayAt(event.clientX, event.clientY) : null
      if (way !== null) {
        present(card, way)
      }
    },
    onPointerCancel: end,
  }
}

/** The open slot at a place of the window. */
function wayAt(x: number, y: number): Way | null {
  const slots = document.elementsFromPoint(x, y)
  const slot = slots.find(
    (each) => each instanceof HTMLButtonElement && 'way' in each.dataset && !each.disabled,
  )
  return slot instanceof HTMLElement ? (WAYS.find((way) => way === slot.dataset.way) ?? null) : null
}
