import { useState } from 'react'
import { usePreferences, useText } from '../../../app/preferences'
import { QrCode } from '../../../components/QrCode'
import { useStage } from '../context'
import type { SlipRow, Strip } from '../shapes'

/** The printer: the newest slip rolls out of it; older ones can be looked at again. */
export function Paper() {
  const t = useText()
  const { language } = usePreferences()
  const { state } = useStage()
  const { strips, held, state: printer } = state.printer
  const newest = strips.at(-1)?.id ?? null
  const [chosen, setChosen] = useState<{ id: number; when: number | null } | null>(null)
  // What was chosen stays chosen until something new is printed.
  const shown =
    (chosen !== null && chosen.when === newest ? strips.find(({ id }) => id === chosen.id) : null) ??
    strips.at(-1)
  const at = shown === undefined ? -1 : strips.indexOf(shown)
  const name = PRINTER.find((known) => known === printer) ?? 'other'
  const go = (by: number) => {
    const next = strips[at + by]
    if (next !== undefined) {
      setChosen({ id: next.id, when: newest })
    }
  }
  return (
    <div className="printer">
      {shown !== undefined && (
        <>
          <div className="printer-which">
            <button type="button" aria-label={t('pos.strip.older')} disabled={at <= 0} onClick={() => go(-1)}>
              ‹
            </button>
            <span>{t('pos.strip', { no: at + 1, count: strips.length })}</span>
            <button
              type="button"
              aria-label={t('pos.strip.newer')}
              disabled={at >= strips.length - 1}
              onClick={() => go(1)}
            >
              ›
            </button>
          </div>
          <StripPaper key={shown.id} strip={shown} rows={shown[language]} />
        </>
      )}
      <div className={`printer-mouth printer-${name}`}>
        <span>
          {t('pos.printer')}: {t(`pos.printer.${name}`)}
          {held > 0 && <strong> · {t('pos.printer.held', { count: held })}</strong>}
        </span>
      </div>
    </div>
  )
}

const PRINTER = ['ready', 'out_of_paper', 'jam'] as const

function StripPaper({ strip, rows }: { strip: Strip; rows: readonly SlipRow[] }) {
  const t = useText()
  return (
    <div className="strip-window" role="region" tabIndex={0} aria-label={t(`pos.strip.${strip.copy}`)}>
      <div className="strip">
        {rows.map((row, at) => (
          <Row key={at} row={row} />
        ))}
        {strip.qr !== null && !rows.some(({ style }) => style === 'qr') && (
          <QrCode className="strip-qr" text={strip.qr} label={t('pos.strip.qr')} />
        )}
      </div>
    </div>
  )
}

function Row({ row }: { row: SlipRow }) {
  const t = useText()
  const { style, label, value, count } = row
  switch (style) {
    case 'rule':
      return <hr className="strip-rule" />
    case 'title':
    case 'mark':
    case 'text':
      return <p className={`strip-${style}`}>{value}</p>
    case 'qr':
      return (
        <figure className="strip-figure">
          {value !== null && <QrCode className="strip-qr" text={value} label={t('pos.strip.qr')} />}
          {label !== null && <figcaption>{label}</figcaption>}
        </figure>
      )
    case 'signature':
      return <p className="strip-signature">{label ?? value}</p>
    case 'pair':
    case 'amount':
    case 'status':
    case 'row':
      return (
        <p className={`strip-pair strip-${style}`}>
          <span>{label}</span>
          {count !== null && <span>{count}</span>}
          <span>{value}</span>
        </p>
      )
  }
}
