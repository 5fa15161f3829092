/** The colours: ink on paper, jade where the halves fit, cinnabar where they do not. */
export const palette = {
  light: {
    paper: '#f4f3ee',
    surface: '#ffffff',
    raised: '#faf9f5',
    line: '#dcdad0',
    edge: '#85877f',
    ink: '#1d2321',
    soft: '#565d58',
    accent: '#155a6e',
    onAccent: '#ffffff',
    jade: '#12604c',
    jadeWash: '#e2f0ea',
    cinnabar: '#a8352a',
    cinnabarWash: '#fae8e4',
    amber: '#7d5200',
    amberWash: '#f9edd2',
    indigo: '#3f4f97',
    indigoWash: '#e8ebf8',
  },
  dark: {
    paper: '#131718',
    surface: '#1b2122',
    raised: '#222a2b',
    line: '#343d3e',
    edge: '#7d8785',
    ink: '#ebe8df',
    soft: '#a9b1ac',
    accent: '#76c3d6',
    onAccent: '#10262c',
    jade: '#6fcfae',
    jadeWash: '#17352c',
    cinnabar: '#ff9c8c',
    cinnabarWash: '#43211d',
    amber: '#eabb66',
    amberWash: '#3a2d12',
    indigo: '#aab6f5',
    indigoWash: '#262c4a',
  },
} as const

export type Shade = keyof typeof palette
export type Colour = keyof (typeof palette)['light']

/** Pairs that stand as text on ground: each must be readable in both themes. */
export const PAIRS: readonly (readonly [Colour, Colour])[] = [
  ['ink', 'paper'],
  ['ink', 'surface'],
  ['soft', 'paper'],
  ['soft', 'surface'],
  ['soft', 'raised'],
  ['accent', 'paper'],
  ['accent', 'surface'],
  ['onAccent', 'accent'],
  ['jade', 'surface'],
  ['jade', 'jadeWash'],
  ['cinnabar', 'surface'],
  ['cinnabar', 'cinnabarWash'],
  ['amber', 'surface'],
  ['amber', 'amberWash'],
  ['indigo', 'indigoWash'],
]

/** Gives the colours to the style sheets, as custom properties. */
export function paint(shade: Shade): void {
  const root = document.documentElement
  root.dataset.shade = shade
  root.style.colorScheme = shade
  for (const [name, value] of Object.entries(palette[shade])) {
    root.style.setProperty(`--${name}`, value)
  }
}
