import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

// The gateway whose API the pages use while they are being worked on (`npm run dev`).
const gateway = process.env.HEFU_GATEWAY ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [react()],
  // Nothing is inlined as data: a strict content policy serves every part by itself.
  build: { target: 'es2022', assetsInlineLimit: 0, manifest: true, chunkSizeWarningLimit: 900 },
  server: { proxy: { '/api': gateway } },
  test: { include: ['src/**/*.test.{ts,tsx}'] },
})
