import { useState } from 'react'
import type { Change } from './ChangeAccount'
import type { Told } from './outcome'

/** What is being done with accounts on a page: one dialog at a time, and what came of those before. */
export function useChanges() {
  const [dialog, setDialog] = useState<Change | 'add' | null>(null)
  const [told, setTold] = useState<readonly Told[]>([])
  return {
    dialog,
    open: setDialog,
    close: () => setDialog(null),
    told,
    done: (said: Told | null) => {
      setDialog(null)
      // A first password leaves the page only when somebody says that he has it.
      setTold((before) => (said === null ? before : [said, ...before]))
    },
    forget: (gone: Told) => setTold((before) => before.filter((each) => each !== gone)),
  }
}
