import { createBrowserRouter, type RouteObject } from 'react-router'
import { askAhead } from './asked'
import { Crashed } from './Crashed'
import { Layout } from './Layout'
import { Needs } from './Needs'
import { NotFound } from './NotFound'
import { SignInPage } from '../pages/sign-in/SignInPage'

/** Each page is a part of its own, loaded when somebody goes there. */
const inside: RouteObject[] = [
  {
    index: true,
    loader: askAhead,
    lazy: async () => ({ Component: (await import('../pages/home/HomePage')).HomePage }),
  },
  {
    element: <Needs may="payments" />,
    children: [
      {
        path: 'payments',
        lazy: async () => ({ Component: (await import('../pages/payments/PaymentsPage')).PaymentsPage }),
      },
      {
        path: 'payments/:rrn',
        lazy: async () => ({ Component: (await import('../pages/payment/PaymentPage')).PaymentPage }),
      },
    ],
  },
  {
    element: <Needs may="proposals" />,
    children: [
      {
        path: 'proposals',
        lazy: async () => ({ Component: (await import('../pages/proposals/ProposalsPage')).ProposalsPage }),
      },
    ],
  },
  {
    element: <Needs may="links" />,
    children: [
      {
        path: 'links',
        lazy: async () => ({ Component: (await import('../pages/links/LinksPage')).LinksPage }),
      },
    ],
  },
  {
    element: <Needs may="terminals" />,
    children: [
      {
        path: 'terminals',
        lazy: async () => ({ Component: (await import('../pages/terminals/TerminalsPage')).TerminalsPage }),
      },
    ],
  },
  {
    element: <Needs may="audit" />,
    children: [
      {
        path: 'audit',
        lazy: async () => ({ Component: (await import('../pages/audit/AuditPage')).AuditPage }),
      },
    ],
  },
  {
    element: <Needs may="people" />,
    children: [
      {
        path: 'people',
        lazy: async () => ({ Component: (await import('../pages/people/PeoplePage')).PeoplePage }),
      },
    ],
  },
  {
    element: <Needs may="keys" />,
    children: [
      {
        path: 'keys',
        lazy: async () => ({ Component: (await import('../pages/keys/KeysPage')).KeysPage }),
      },
    ],
  },
  {
    path: 'merchant',
    lazy: async () => ({ Component: (await import('../pages/merchant/MerchantPage')).MerchantPage }),
  },
  { path: 'me', lazy: async () => ({ Component: (await import('../pages/me/MePage')).MePage }) },
  { path: '*', element: <NotFound /> },
]

export const router = createBrowserRouter([
  {
    path: '/pos',
    errorElement: <Crashed />,
    hydrateFallbackElement: <></>,
    lazy: async () => ({ Component: (await import('../pages/pos/PosPage')).PosPage }),
  },
  { path: '/sign-in', element: <SignInPage />, errorElement: <Crashed /> },
  {
    path: '/',
    element: <Layout />,
    errorElement: <Crashed />,
    hydrateFallbackElement: <></>,
    children: [{ errorElement: <Crashed />, children: inside }],
  },
])
