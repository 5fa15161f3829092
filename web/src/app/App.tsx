import { QueryClientProvider } from '@tanstack/react-query'
import { ConfigProvider } from 'antd'
import enGB from 'antd/locale/en_GB'
import zhCN from 'antd/locale/zh_CN'
import { useEffect, useState } from 'react'
import { RouterProvider } from 'react-router/dom'
import { onSignedOut } from '../api/client'
import { antdTheme, nonce } from './antd'
import { asked } from './asked'
import { PreferencesProvider, usePreferences } from './preferences'
import { router } from './routes'
import { forget } from './session'

export function App() {
  useEffect(() => onSignedOut(() => forget(asked)), [])
  return (
    <PreferencesProvider>
      <QueryClientProvider client={asked}>
        <Themed />
      </QueryClientProvider>
    </PreferencesProvider>
  )
}

function Themed() {
  const { language, shade } = usePreferences()
  const [csp] = useState(() => ({ nonce: nonce() }))
  return (
    <ConfigProvider
      button={BUTTON}
      csp={csp}
      theme={antdTheme(shade)}
      locale={language === 'zh' ? zhCN : enGB}
    >
      <RouterProvider router={router} />
    </ConfigProvider>
  )
}

/** Two characters on a button stand together, as they do everywhere else. */
const BUTTON = { autoInsertSpace: false }
