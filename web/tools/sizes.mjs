// Prints what a first visit loads, and refuses more than the budget.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const BUDGET = 450 * 1024
const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'))
const gzipped = (file) => gzipSync(readFileSync(new URL(file, dist))).length
const shown = (bytes) => `${(bytes / 1024).toFixed(1).padStart(7)} KB`

/** A chunk with everything that it imports at once. */
function closure(key, seen = new Set()) {
  if (!seen.has(key)) {
    seen.add(key)
    for (const next of manifest[key].imports ?? []) closure(next, seen)
  }
  return seen
}

const first = closure('index.html')
closure('src/pages/home/HomePage.tsx', first)
let scripts = 0
for (const [key, chunk] of Object.entries(manifest)) {
  const size = gzipped(chunk.file)
  const atOnce = first.has(key)
  if (atOnce && chunk.file.endsWith('.js')) scripts += size
  console.log(`${shown(size)} gzipped  ${atOnce ? 'first' : 'later'}  ${chunk.file}`)
}
console.log(`${shown(scripts)} gzipped  scripts of the first screen, of ${shown(BUDGET).trim()}`)
if (scripts > BUDGET) process.exit(1)
