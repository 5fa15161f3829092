import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from 'react'
import { text, type Arguments, type Key, type Language } from '../i18n/dictionary'
import type { Words } from '../api/shapes'
import { paint, type Shade } from './palette'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

interface Preferences {
  language: Language
  setLanguage: (language: Language) => void
  theme: Theme
  setTheme: (theme: Theme) => void
  /** The theme that is seen: what the system says, unless a person chose. */
  shade: Shade
}

/** How this person reads the pages; kept in this browser. */
export function PreferencesProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(firstLanguage)
  const [theme, setTheme] = useState<Theme>(firstTheme)
  const dark = useSystemDark()
  const shade = theme === 'system' ? (dark ? 'dark' : 'light') : theme

  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
  }, [language])
  useEffect(() => paint(shade), [shade])

  const value = useMemo<Preferences>(
    () => ({
      language,
      setLanguage: keeping<Language>('hefu.language', setLanguage),
      theme,
      setTheme: keeping<Theme>('hefu.theme', setTheme),
      shade,
    }),
    [language, theme, shade],
  )
  return <Context value={value}>{children}</Context>
}

export function usePreferences(): Preferences {
  const value = useContext(Context)
  if (value === null) {
    throw new Error('preferences are read outside of their provider')
  }
  return value
}

/** The texts of the dictionary in this person's language. */
export function useText() {
  const { language } = usePreferences()
  return useCallback(
    <K extends Key>(key: K, ...given: Arguments<K>) => text(language, key, ...given),
    [language],
  )
}

/** Words that the server sends in both languages. */
export function useWords() {
  const { language } = usePreferences()
  return useCallback((words: Words) => words[language], [language])
}

const Context = createContext<Preferences | null>(null)

function keeping<Value extends string>(place: string, set: (value: Value) => void) {
  return (value: Value) => {
    localStorage.setItem(place, value)
    set(value)
  }
}

function firstLanguage(): Language {
  const kept = localStorage.getItem('hefu.language')
  if (kept === 'zh' || kept === 'en') {
    return kept
  }
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}

function firstTheme(): Theme {
  const kept = localStorage.getItem('hefu.theme')
  return THEMES.find((theme) => theme === kept) ?? 'system'
}

function useSystemDark(): boolean {
  const [query] = useState(() => window.matchMedia('(prefers-color-scheme: dark)'))
  const [dark, setDark] = useState(query.matches)
  useEffect(() => {
    const changed = (event: MediaQueryListEvent) => setDark(event.matches)
    query.addEventListener('change', changed)
    return () => query.removeEventListener('change', changed)
  }, [query])
  return dark
}
