import { useText, useWords } from '../../../app/preferences'
import { useStage } from '../context'
import { Keypad } from './Keypad'
import { Paper } from './Paper'
import { Screen } from './Screen'
import { Slots } from './Slots'

/** The POS itself: paper on top, screen, readers, keys. */
export function Device() {
  const t = useText()
  const words = useWords()
  const { state } = useStage()
  const { signal, power, terminal } = state
  const lamp = LAMPS.find((known) => known === signal.lamp) ?? 'off'
  return (
    <section className={`device device-${power}`} aria-label={t('pos.device')}>
      <Paper />
      <div className="device-body">
        <div className="device-brow">
          <span className="device-brand" aria-hidden="true">
            合符
          </span>
          <span className="device-no">
            {words(terminal.name)} {terminal.number}
          </span>
          <span
            key={signal.id}
            className={`device-lamp device-lamp-${lamp}`}
            role="img"
            aria-label={t('pos.lamp', { lamp: t(`pos.lamp.${lamp}`) })}
          />
        </div>
        <Screen />
        <Slots />
        <Keypad />
      </div>
      <p className="device-keys soft">{t('pos.keyboard')}</p>
    </section>
  )
}

const LAMPS = ['off', 'green', 'red', 'amber', 'blue'] as const
