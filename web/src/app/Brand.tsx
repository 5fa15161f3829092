import { Link } from 'react-router'
import { useText } from './preferences'

/** The name, as two halves of a tally. */
export function Brand() {
  const t = useText()
  return (
    <Link to="/" className="brand" aria-label={`${t('app.name')} · ${t('nav.home')}`}>
      <svg className="brand-mark" viewBox="0 0 64 28" aria-hidden="true">
        <path className="brand-left" d="M2 1H34L29 7.5 34 14 29 20.5 34 27H2Z" />
        <path className="brand-right" d="M62 1H36L31 7.5 36 14 31 20.5 36 27H62Z" />
        <text x="16" y="20.5">
          合
        </text>
        <text x="49" y="20.5">
          符
        </text>
      </svg>
      <span className="brand-name">Hefu</span>
    </Link>
  )
}
