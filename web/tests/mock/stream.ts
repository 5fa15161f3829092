import type { ServerResponse } from 'node:http'

/** Server-sent events: numbered, and told again to who comes back with the last number that he has. */
export class MockStream {
  private readonly told: string[] = []
  private readonly hearers = new Set<ServerResponse>()

  open(
    response: ServerResponse,
    lastEventId: string | undefined,
    first?: { event: string; data: unknown },
  ): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write('retry: 200\n\n')
    if (first !== undefined) {
      response.write(`event: ${first.event}\ndata: ${JSON.stringify(first.data)}\n\n`)
    }
    const seen = lastEventId === undefined ? this.told.length : Number(lastEventId)
    for (const event of this.told.slice(seen)) {
      response.write(event)
    }
    this.hearers.add(response)
    response.on('close', () => this.hearers.delete(response))
  }

  tell(event: string, data: unknown): void {
    const id = this.told.length + 1
    const text = `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`
    this.told.push(text)
    for (const hearer of this.hearers) {
      hearer.write(text)
    }
  }

  /** Cuts all lines; browsers come back by themselves. */
  cut(): void {
    for (const hearer of this.hearers) {
      hearer.destroy()
    }
    this.hearers.clear()
  }
}
