import { useText, useWords } from '../../../app/preferences'
import { CNY, money } from '../../../format/money'
import { useStage } from '../context'
import { keysTo } from '../keys'
import type { PosScreen } from '../shapes'

/** What the POS shows, read aloud as it changes. A line of a menu can be touched. */
export function Screen() {
  const t = useText()
  const words = useWords()
  const { state } = useStage()
  const { screen, power } = state
  if (power === 'off') {
    return (
      <div className="screen screen-off" role="status" aria-label={t('pos.screen')}>
        <p>{t('pos.screen.off')}</p>
      </div>
    )
  }
  return (
    <div className={`screen screen-${screen.tone}`}>
      <div role="status" aria-label={t('pos.screen')}>
        <p className="screen-title">
          <span>{words(screen.title)}</span>
          {screen.code !== null && (
            <span className="screen-code" title={t('pos.code', { code: screen.code })}>
              {screen.code}
            </span>
          )}
        </p>
        {screen.mode === 'amount' && screen.amount !== null && (
          <p className="screen-amount">{money({ minor: screen.amount, currency: CNY })}</p>
        )}
        {screen.lines.map((line, at) => (
          <p key={at} className={at === 0 ? 'screen-line screen-first' : 'screen-line'}>
            {words(line)}
          </p>
        ))}
        {screen.typed !== null && <p className="screen-amount">{screen.typed || '…'}</p>}
        {screen.pin !== null && <Pin length={screen.pin.length} />}
        {screen.prompt !== null && <p className="screen-prompt">{words(screen.prompt)}</p>}
        {screen.cashier !== null && (
          <p className="screen-cashier">
            <span>{t('pos.cashier')}</span> {words(screen.cashier)}
          </p>
        )}
        {screen.tone === 'wait' && <span className="screen-wait" aria-hidden="true" />}
      </div>
      {screen.menu !== null && <Menu menu={screen.menu} />}
    </div>
  )
}

function Pin({ length }: { length: number }) {
  const t = useText()
  return (
    <p className="screen-pin" role="img" aria-label={t('pos.pin', { count: length })}>
      {Array.from({ length: Math.max(6, length) }, (_, at) => (
        <span key={at} className={at < length ? 'screen-dot screen-dot-full' : 'screen-dot'} />
      ))}
    </p>
  )
}

function Menu({ menu }: { menu: NonNullable<PosScreen['menu']> }) {
  const words = useWords()
  const { press } = useStage()
  const from = Math.max(
    0,
    menu.findIndex(({ chosen }) => chosen),
  )
  return (
    <ul className="screen-menu">
      {menu.map(({ id, label, chosen }, at) => (
        <li key={id}>
          <button
            type="button"
            aria-current={chosen}
            onClick={() => {
              keysTo(from, at).forEach(press)
            }}
          >
            {words(label)}
          </button>
        </li>
      ))}
    </ul>
  )
}
