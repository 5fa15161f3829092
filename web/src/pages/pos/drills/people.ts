import type { DrillResult } from '../shapes'

export interface Person {
  person: string
  passed: number
  tried: number
}

/** Each person's drills, each counted once by its newest result; the best first. Results come newest first. */
export function byPerson(results: readonly DrillResult[]): Person[] {
  const people = new Map<string, Map<string, boolean>>()
  for (const { person, drill, passed } of results) {
    const own = people.get(person) ?? new Map<string, boolean>()
    own.set(drill, own.get(drill) ?? passed)
    people.set(person, own)
  }
  const counted = [...people].map(([person, own]) => ({
    person,
    passed: [...own.values()].filter(Boolean).length,
    tried: own.size,
  }))
  return counted.sort((one, other) => other.passed - one.passed || one.person.localeCompare(other.person))
}
