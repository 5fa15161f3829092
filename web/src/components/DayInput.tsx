import { DatePicker } from 'antd'
import dayjs from 'dayjs'
import 'dayjs/locale/en-gb'
import 'dayjs/locale/zh-cn'
import timezone from 'dayjs/plugin/timezone'
import utc from 'dayjs/plugin/utc'
import './day-input.css'

// The calendar's today is Beijing's, wherever the browser stands.
dayjs.extend(utc)
dayjs.extend(timezone)
dayjs.tz.setDefault('Asia/Shanghai')

interface DayInputProps {
  id?: string
  value?: string
  onChange?: (day: string | undefined) => void
}

/** A day, typed or chosen, in the page's language: the browser's own field speaks the browser's. */
export function DayInput({ id, value, onChange }: DayInputProps) {
  const day = dayjs(value ?? null)
  return (
    <DatePicker
      id={id}
      className="day-input"
      format={FORMAT}
      value={day.isValid() ? day : null}
      onChange={(chosen) => onChange?.(chosen?.format(FORMAT))}
    />
  )
}

const FORMAT = 'YYYY-MM-DD'
