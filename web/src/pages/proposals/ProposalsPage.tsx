import { useQuery } from '@tanstack/react-query'
import { proposals } from '../../api/queries'
import { useText } from '../../app/preferences'
import { Loaded } from '../../components/Loaded'
import { PageHead } from '../../components/PageHead'
import { ProposalCard } from './ProposalCard'
import './proposals.css'

/** What one person proposed and a second one must decide. */
export function ProposalsPage() {
  const t = useText()
  const query = useQuery(proposals)
  return (
    <>
      <PageHead title={t('proposals.title')} />
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="panel empty">{t('proposals.none')}</p>
          ) : (
            <ul className="proposals">
              {items.map((proposal) => (
                <li key={proposal.id} className="panel">
                  <ProposalCard proposal={proposal} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </>
  )
}
