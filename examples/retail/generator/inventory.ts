import type { StreamRecord } from './arrival.ts'
import { timestampText } from './calendar.ts'
import type { Invoice, Line } from './invoices.ts'
import type { Random } from './random.ts'

/**
 * The stock movements an invoice may lead to: sold, written off or found, now and then restocked or renamed.
 */
export function movementsOf(invoice: Invoice, random: Random): StreamRecord[] {
  const second = invoice.minute * 60 + random.below(60)
  const line = random.pick(invoice.lines)
  const { number } = invoice
  if (invoice.kind === 'stock') {
    const reason = line.quantity < 0 ? 'WRITE_OFF' : 'FOUND'
    return [movement(`i-${number}`, line, line.quantity, reason, second)]
  }
  const movements = [movement(`i-${number}`, line, -line.quantity, 'SALE', second)]
  if (random.chance(0.1)) {
    movements.push(movement(`i-${number}-r`, line, random.between(2, 40) * 12, 'RESTOCK', second + 3_600))
  }
  if (random.chance(0.03)) {
    movements.push(
      movement(`i-${number}-u`, line, 0, 'PRODUCT_UPDATE', second + 7_200, line.description.trim()),
    )
  }
  return movements
}

function movement(
  id: string,
  line: Line,
  delta: number,
  reason: string,
  second: number,
  title?: string,
): StreamRecord {
  const timestamp = timestampText(second)
  return { second, text: JSON.stringify({ update_id: id, sku: line.code, delta, reason, title, timestamp }) }
}
