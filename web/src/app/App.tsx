import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { ConfigProvider } from 'antd'
import enGB from 'antd/locale/en_GB'
import zhCN from 'antd/locale/zh_CN'
import { useEffect, useState } from 'react'
import { RouterProvider } from 'react-router/dom'
import { onSignedOut, Refused } from '../api/client'
import { antdTheme, nonce } from './antd'
import { PreferencesProvider, usePreferences } from './preferences'
import { router } from './routes'
import { forget } from './session'

export function App() {
  const [queries] = useState(newQueries)
  useEffect(() => onSignedOut(() => forget(queries)), [queries])
  return (
    <PreferencesProvider>
      <QueryClientProvider client={queries}>
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

function newQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        // A refusal stays one; only a lost answer is asked for again.
        retry: (failures, error) => !(error instanceof Refused) && failures < 2,
      },
    },
  })
}
