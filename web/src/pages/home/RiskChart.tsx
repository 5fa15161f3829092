import { LineChart } from 'echarts/charts'
import { GridComponent, TooltipComponent } from 'echarts/components'
import { init, use as register, type EChartsType } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'
import type { Currency, RiskSample } from '../../api/shapes'
import { palette, type Shade } from '../../app/palette'
import { usePreferences, useText } from '../../app/preferences'
import { money } from '../../format/money'
import { clock, time } from '../../format/time'

register([LineChart, GridComponent, TooltipComponent, CanvasRenderer])

interface RiskChartProps {
  history: readonly RiskSample[]
  currency: Currency
}

/** The course of the money at risk. What it shows in a picture its label says in words. */
export function RiskChart({ history, currency }: RiskChartProps) {
  const t = useText()
  const { shade } = usePreferences()
  const frame = useRef<HTMLDivElement>(null)
  const chart = useRef<EChartsType | null>(null)

  useEffect(() => {
    if (frame.current === null) {
      return
    }
    const drawn = init(frame.current)
    chart.current = drawn
    const watch = new ResizeObserver(() => drawn.resize())
    watch.observe(frame.current)
    return () => {
      watch.disconnect()
      drawn.dispose()
    }
  }, [])
  useEffect(() => {
    chart.current?.setOption(picture(history, currency, shade))
  }, [history, currency, shade])

  const most = history.reduce((high, { amount_minor }) => Math.max(high, amount_minor), 0)
  const peak = t('home.risk.peak', { amount: money({ minor: most, currency }) })
  return (
    <figure className="chart">
      <figcaption className="soft">
        {t('home.risk.history')} · {peak}
      </figcaption>
      <div
        ref={frame}
        className="chart-canvas"
        role="img"
        aria-label={`${t('home.risk.history')}. ${peak}`}
      />
    </figure>
  )
}

function picture(history: readonly RiskSample[], currency: Currency, shade: Shade) {
  const colours = palette[shade]
  const written = (minor: number) => money({ minor, currency })
  return {
    animation: false,
    grid: {
      left: 8,
      right: 14,
      top: 10,
      bottom: 4,
      outerBoundsMode: 'same',
      outerBoundsContain: 'axisLabel',
    },
    tooltip: {
      trigger: 'axis',
      // Drawn on the canvas: a tooltip of HTML would carry style attributes, which the policy forbids.
      renderMode: 'richText',
      backgroundColor: colours.raised,
      borderColor: colours.line,
      textStyle: { color: colours.ink },
      formatter: ([point]: { value: [number, number] }[]) =>
        point === undefined ? '' : `${time(point.value[0])}\n${written(point.value[1])}`,
    },
    xAxis: {
      type: 'time',
      splitNumber: 6,
      axisLine: { lineStyle: { color: colours.line } },
      axisLabel: { color: colours.soft, hideOverlap: true, formatter: (ms: number) => clock(ms).slice(0, 5) },
    },
    yAxis: {
      type: 'value',
      minInterval: 100,
      splitNumber: 3,
      splitLine: { lineStyle: { color: colours.line } },
      axisLabel: { color: colours.soft, formatter: (minor: number) => written(Math.round(minor)) },
    },
    series: [
      {
        type: 'line',
        step: 'end',
        showSymbol: false,
        sampling: 'max',
        lineStyle: { color: colours.cinnabar, width: 1.5 },
        itemStyle: { color: colours.cinnabar },
        areaStyle: { color: colours.cinnabarWash },
        data: history.map(({ at_ms, amount_minor }) => [at_ms, amount_minor]),
      },
    ],
  }
}
