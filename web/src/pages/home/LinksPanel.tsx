import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { links } from '../../api/queries'
import { useText } from '../../app/preferences'
import { LinkSigns } from '../../components/LinkSigns'
import { Loaded } from '../../components/Loaded'
import { Panel } from '../../components/Panel'

/** The bank links with their breakers, briefly. */
export function LinksPanel() {
  const t = useText()
  const query = useQuery(links)
  return (
    <Panel title={t('home.links')} aside={<Link to="/links">{t('app.more')}</Link>}>
      <Loaded query={query}>
        {({ items }) => (
          <ul className="links-list">
            {items.map((link) => (
              <li key={link.name}>
                <span className="links-line">
                  <strong>{link.name}</strong>
                  <span className="figure soft">
                    {t('links.lanes')} {t('links.lanes.of', { flying: link.flying, window: link.window })}
                    {link.waiting > 0 && ` · ${t('links.waiting')} ${link.waiting}`}
                  </span>
                </span>
                <LinkSigns link={link} />
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  )
}
