import react from '@vitejs/plugin-react'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

// The gateway whose API the pages use while they are being worked on (`npm run dev`).
const gateway = process.env.HEFU_GATEWAY ?? 'http://127.0.0.1:8080'

/** The first screen's scripts are asked for by the page itself, together with the entry that would ask for them. */
function firstScreen(): Plugin {
  return {
    name: 'first-screen',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle = {} }) {
        const chunk = (file: string) => {
          const found = bundle[file]
          return found?.type === 'chunk' ? found : undefined
        }
        const home = Object.keys(bundle).find((file) =>
          chunk(file)?.facadeModuleId?.endsWith('/HomePage.tsx'),
        )
        const files = home === undefined ? [] : [home, ...(chunk(home)?.imports ?? [])]
        return files
          .filter((file) => !html.includes(file))
          .map((file) => ({
            tag: 'link',
            attrs: { rel: 'modulepreload', crossorigin: true, href: `/${file}` },
            injectTo: 'head',
          }))
      },
    },
  }
}

export default defineConfig({
  plugins: [react(), firstScreen()],
  // Nothing is inlined as data: a strict content policy serves every part by itself.
  build: { target: 'es2022', assetsInlineLimit: 0, manifest: true, chunkSizeWarningLimit: 900 },
  server: { proxy: { '/api': gateway } },
  test: { include: ['src/**/*.test.{ts,tsx}'] },
})
