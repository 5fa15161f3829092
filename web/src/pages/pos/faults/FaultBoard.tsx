import { useState } from 'react'
import { useText } from '../../../app/preferences'
import { useStage } from '../context'
import type { Wire } from '../shapes'
import { howItStands, THING_FAULTS, thingRequest, WIRE_FAULTS, wireRequest, type Fault } from './switches'

/** Everything that can be broken. A switch that is on says so; one that strikes once says how often it still will. */
export function FaultBoard() {
  const t = useText()
  const { state, send } = useStage()
  const [wire, setWire] = useState<Wire>('bank')
  const { struck } = state.faults[wire]
  return (
    <section className="faults" aria-labelledby="faults-title">
      <div className="faults-head">
        <h2 id="faults-title">{t('pos.faults')}</h2>
        <button type="button" className="faults-reset" onClick={() => void send('reset', {})}>
          {t('pos.faults.reset')}
        </button>
      </div>
      <div className="faults-row" role="group" aria-label={t('pos.faults.lines')}>
        <div className="faults-wires" role="group" aria-label={t('pos.faults.where')}>
          {(['terminal', 'bank'] as const).map((each) => (
            <button key={each} type="button" aria-pressed={wire === each} onClick={() => setWire(each)}>
              {t(`pos.faults.${each}`)}
            </button>
          ))}
        </div>
        {WIRE_FAULTS.map((fault) => {
          const stands = howItStands(state, fault, wire)
          return (
            <Switch
              key={fault}
              fault={fault}
              {...stands}
              onClick={() => void send('fault', wireRequest(fault, wire, stands.on))}
            />
          )
        })}
        {struck > 0 && <span className="faults-struck">{t('pos.faults.struck', { count: struck })}</span>}
      </div>
      <div className="faults-row" role="group" aria-label={t('pos.faults.things')}>
        {THING_FAULTS.map((fault) => {
          const stands = howItStands(state, fault, wire)
          const { path, body } = thingRequest(fault, stands.on)
          return <Switch key={fault} fault={fault} {...stands} onClick={() => void send(path, body)} />
        })}
      </div>
    </section>
  )
}

interface SwitchProps {
  fault: Fault
  on: boolean
  left: number
  onClick: () => void
}

function Switch({ fault, on, left, onClick }: SwitchProps) {
  const t = useText()
  return (
    <button type="button" className="fault" aria-pressed={on} onClick={onClick}>
      <span className="fault-knob" aria-hidden="true" />
      <span>{t(`pos.fault.${fault}`)}</span>
      {left > 0 && (
        <span className="fault-left" title={t('pos.faults.left', { count: left })}>
          ×{left}
        </span>
      )}
    </button>
  )
}
