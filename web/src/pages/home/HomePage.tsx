import { useText } from '../../app/preferences'
import { useMay } from '../../app/session'
import { PageHead } from '../../components/PageHead'
import { AlarmsPanel } from './AlarmsPanel'
import { HealthLine } from './HealthLine'
import './home.css'
import { LinksPanel } from './LinksPanel'
import { LivePanel } from './LivePanel'
import { RiskPanel } from './RiskPanel'

/** What stands one-sided now, what happens now, and what is amiss. */
export function HomePage() {
  const t = useText()
  const may = useMay()
  return (
    <>
      <PageHead title={t('home.title')}>
        <HealthLine />
      </PageHead>
      <div className="home">
        {may('risk') && <RiskPanel />}
        {may('payments') && <LivePanel />}
        <div className="home-side">
          {may('links') && <LinksPanel />}
          {may('alarms') && <AlarmsPanel />}
        </div>
      </div>
    </>
  )
}
