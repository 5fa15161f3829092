import { theme, type ThemeConfig } from 'antd'
import { palette, type Shade } from './palette'

/** The component library in our colours. */
export function antdTheme(shade: Shade): ThemeConfig {
  const colours = palette[shade]
  return {
    algorithm: [shade === 'dark' ? theme.darkAlgorithm : theme.defaultAlgorithm, theme.compactAlgorithm],
    token: {
      colorPrimary: colours.accent,
      colorTextLightSolid: colours.onAccent,
      colorError: colours.cinnabar,
      colorSuccess: colours.jade,
      colorWarning: colours.amber,
      colorLink: colours.accent,
      colorBgBase: colours.surface,
      colorBgContainer: colours.surface,
      colorBgElevated: colours.raised,
      colorTextBase: colours.ink,
      colorTextPlaceholder: colours.soft,
      colorTextDescription: colours.soft,
      colorBorder: colours.edge,
      borderRadius: 4,
      fontSize: 14,
      controlHeight: 34,
      fontFamily: 'var(--sans)',
    },
    // The library's dark algorithm dims what it is given; on buttons it would be too dim to read.
    components: {
      Button: {
        colorPrimary: colours.accent,
        colorPrimaryHover: colours.accent,
        colorPrimaryActive: colours.accent,
        colorError: colours.cinnabar,
        colorErrorHover: colours.cinnabar,
        colorErrorActive: colours.cinnabar,
      },
      // Its washes are made for bright colours: of ours they would be too dark to read on.
      Alert: {
        colorSuccessBg: colours.jadeWash,
        colorSuccessBorder: colours.jade,
        colorInfo: colours.indigo,
        colorInfoBg: colours.indigoWash,
        colorInfoBorder: colours.indigo,
        colorWarningBg: colours.amberWash,
        colorWarningBorder: colours.amber,
        colorErrorBg: colours.cinnabarWash,
        colorErrorBorder: colours.cinnabar,
      },
      // Days of the months beside can be chosen, and so must be read.
      DatePicker: { colorTextDisabled: colours.soft },
    },
  }
}

/** The nonce that the server wrote into this page; without one the library's styles go by the policy alone. */
export function nonce(): string | undefined {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content
}
