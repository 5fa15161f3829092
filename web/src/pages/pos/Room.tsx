import { Skeleton } from 'antd'
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { useText } from '../../app/preferences'
import { Bank } from './beside/Bank'
import { Phone } from './beside/Phone'
import { StageContext, type Stage } from './context'
import { Device } from './device/Device'
import { useKeyboard } from './device/useKeyboard'
import { Wallet } from './device/Wallet'
import { Drills } from './drills/Drills'
import { FaultBoard } from './faults/FaultBoard'
import { Frames } from './frames/Frames'
import { Hints } from './Hints'
import { PosLink, type Seen } from './link'
import type { Card, Pos, PosKey, Way } from './shapes'
import { Middle } from './tally/Middle'
import { Tabs, type Tab } from './Tabs'
import { Top } from './Top'

interface RoomProps {
  pos: Pos
  n: number
  onTill: (n: number) => void
}

/** One till and everybody around it. */
export function Room({ pos, n, onTill }: RoomProps) {
  const t = useText()
  const [link] = useState(() => new PosLink(n))
  useEffect(() => link.open(), [link])
  const seen = useSyncExternalStore(link.subscribe, link.read)
  const [tab, setTab] = useState<Tab>('tally')
  const stage = useStageOf(pos, link, seen)
  return (
    <div className="pos" data-tab={tab}>
      <Top pos={pos} n={n} seen={seen} onTill={onTill} />
      <main className="pos-main" id="content">
        <h1 className="unseen">{t('pos.title')}</h1>
        {stage === null ? (
          <Skeleton active className="pos-wait" />
        ) : (
          <StageContext value={stage}>
            <Shown pos={pos} tab={tab} onTab={setTab} onTill={onTill} />
          </StageContext>
        )}
      </main>
    </div>
  )
}

interface ShownProps {
  pos: Pos
  tab: Tab
  onTab: (tab: Tab) => void
  onTill: (n: number) => void
}

function Shown({ pos, tab, onTab, onTill }: ShownProps) {
  useKeyboard()
  return (
    <>
      <Hints onGo={onTab} />
      <div className="pos-stage">
        <div className="pos-till">
          <Device />
          <Wallet />
        </div>
        <Tabs tab={tab} onTab={onTab} />
        <div className="pos-part pos-part-faults">
          <FaultBoard />
        </div>
        <div className="pos-part pos-part-tally">
          <Middle />
        </div>
        <div className="pos-part pos-part-beside">
          <Phone />
          <Bank />
        </div>
        <div className="pos-part pos-part-drills">
          <Drills pos={pos} onTill={onTill} />
        </div>
        <div className="pos-part pos-part-frames">
          <Frames />
        </div>
      </div>
    </>
  )
}

function useStageOf(pos: Pos, link: PosLink, seen: Seen): Stage | null {
  const [chosen, choose] = useState<Card | null>(pos.cards[0] ?? null)
  const press = useCallback((key: PosKey) => void link.send('press', { key }), [link])
  const present = useCallback(
    (card: Card, how: Way) => void link.send('card', { card: card.card, how }),
    [link],
  )
  const { state, heard_ms, progress } = seen
  return useMemo(
    () =>
      state === null || chosen === null
        ? null
        : {
            state,
            heard_ms,
            progress,
            cards: pos.cards,
            card: chosen,
            choose,
            press,
            present,
            isAhead: link.isAhead,
            send: link.send,
          },
    [state, heard_ms, progress, pos, chosen, press, present, link],
  )
}
