import { describe, expect, test } from 'vitest'
import { PAIRS, palette, type Shade } from './palette'

describe.each(['light', 'dark'] satisfies Shade[])('in the %s theme', (shade) => {
  test.each(PAIRS)('%s on %s is readable (WCAG AA)', (text, ground) => {
    expect(contrast(palette[shade][text], palette[shade][ground])).toBeGreaterThanOrEqual(4.5)
  })

  test('the edges of controls and tallies can be made out', () => {
    expect(contrast(palette[shade].edge, palette[shade].surface)).toBeGreaterThanOrEqual(3)
  })
})

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
