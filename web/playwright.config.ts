import { defineConfig } from '@playwright/test'

// The pages must have been built: each test serves `dist` under the gateway's content policy.
export default defineConfig({
  testDir: 'tests/e2e',
  workers: 1,
  reporter: 'list',
  timeout: 60_000,
  use: {
    browserName: 'chromium',
    timezoneId: 'America/New_York',
    launchOptions: { executablePath: process.env.HEFU_CHROMIUM ?? '/usr/bin/chromium' },
  },
})
