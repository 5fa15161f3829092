import { Button, Select } from 'antd'
import { THEMES, usePreferences, useText } from './preferences'

/** Language and theme. */
export function Switches() {
  const t = useText()
  const { language, setLanguage, theme, setTheme } = usePreferences()
  const other = language === 'zh' ? 'en' : 'zh'
  return (
    <span className="switches">
      <Button lang={other === 'zh' ? 'zh-CN' : 'en'} onClick={() => setLanguage(other)}>
        {t('app.language')}
      </Button>
      <Select
        aria-label={t('app.theme')}
        className="switches-theme"
        value={theme}
        onChange={setTheme}
        options={THEMES.map((value) => ({ value, label: t(`app.theme.${value}`) }))}
      />
    </span>
  )
}
