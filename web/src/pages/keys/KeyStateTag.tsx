import { useText } from '../../app/preferences'
import { Sign } from '../../components/Sign'
import type { KeyState } from './key'

export function KeyStateTag({ state }: { state: KeyState }) {
  const t = useText()
  switch (state) {
    case 'good':
      return <Sign good>{t('keys.state.good')}</Sign>
    case 'expired':
      return <span className="tag tag-soft">{t('keys.state.expired')}</span>
    case 'revoked':
      return <Sign good={false}>{t('keys.state.revoked')}</Sign>
  }
}
