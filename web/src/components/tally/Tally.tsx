import { useId } from 'react'
import { useText } from '../../app/preferences'
import type { LegIssuer, MerchantHalf } from '../../api/shapes'
import { bankSays, merchantSays, type Says } from './halves'
import './tally.css'

export interface TallyProps {
  issuer: LegIssuer
  merchant: MerchantHalf
  matched: boolean
  /** `small` stands in lists; `large`, with its characters cut into it, on a payment's page. */
  size?: 'small' | 'large'
}

/**
 * The two halves of a tally stick: the bank's on the left, the merchant's on the right. Where they match they are
 * joined and the seal over the cut is whole; where not, they stand apart. A filled half says that there is a sale, an
 * empty one that there is none, a hatched one cannot say. So the picture holds without its colours.
 */
export function Tally({ issuer, merchant, matched, size = 'small' }: TallyProps) {
  const t = useText()
  const id = useId()
  const label = t('tally.label', {
    state: t(matched ? 'tally.matched' : 'tally.unmatched'),
    issuer: t(`issuer.${issuer}`),
    merchant: t(`merchant.${merchant}`),
  })
  const marks = size === 'large'
  return (
    <svg
      className={`tally tally-${size} ${matched ? 'tally-matched' : 'tally-apart'}`}
      viewBox="-8 -3 136 46"
      role="img"
      aria-label={label}
    >
      <title>{label}</title>
      <defs>
        <pattern
          id={`${id}h`}
          width="7"
          height="7"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect className="tally-hatch-ground" width="7" height="7" />
          <rect className="tally-hatch-line" width="2.5" height="7" />
        </pattern>
        <clipPath id={`${id}l`}>
          <path d={LEFT} />
        </clipPath>
        <clipPath id={`${id}r`}>
          <path d={RIGHT} />
        </clipPath>
      </defs>
      <Half side="left" says={bankSays(issuer)} id={id} mark={marks ? '合' : null} />
      <Half side="right" says={merchantSays(merchant)} id={id} mark={marks ? '符' : null} />
      {matched && <path className={`tally-cut tally-${bankSays(issuer)}`} d={CUT} />}
    </svg>
  )
}

interface HalfProps {
  side: 'left' | 'right'
  says: Says
  id: string
  mark: string | null
}

function Half({ side, says, id, mark }: HalfProps) {
  const left = side === 'left'
  const fill = says === 'unsure' ? { fill: `url(#${id}h)` } : undefined
  return (
    <g className={`tally-half tally-${side} tally-${says}`}>
      <path className="tally-body" d={left ? LEFT : RIGHT} style={fill} />
      <path className="tally-node" d={left ? 'M13 2V38' : 'M107 2V38'} />
      <g clipPath={`url(#${id}${left ? 'l' : 'r'})`}>
        <circle className="tally-seal" cx="60" cy="20" r="11" />
      </g>
      {mark !== null && (
        <text className="tally-mark" x={left ? 31 : 89} y="27" aria-hidden="true">
          {mark}
        </text>
      )}
    </g>
  )
}

/** The cut goes to and fro, so that only the two halves of one stick fit. */
const LEFT = 'M5 1 H64 L56 11 L64 20 L56 29 L64 39 H5 Q1 39 1 35 V5 Q1 1 5 1 Z'
const CUT = 'M64 1 L56 11 L64 20 L56 29 L64 39'
const RIGHT = 'M64 1 H115 Q119 1 119 5 V35 Q119 39 115 39 H64 L56 29 L64 20 L56 11 Z'
