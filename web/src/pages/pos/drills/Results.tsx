import { useText } from '../../../app/preferences'
import type { DrillResult } from '../shapes'
import { byPerson } from './people'

/** How each person did. */
export function Results({ results }: { results: readonly DrillResult[] }) {
  const t = useText()
  return (
    <div className="drill-results">
      <h3>{t('drill.results')}</h3>
      {results.length === 0 ? (
        <p className="soft">{t('drill.results.none')}</p>
      ) : (
        <ul>
          {byPerson(results).map(({ person, passed, tried }) => (
            <li key={person}>
              <span>{person}</span>
              <meter min={0} max={tried} value={passed} aria-label={person} />
              <span className="figure">{t('drill.results.row', { passed, tried })}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
