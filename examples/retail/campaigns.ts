import { type Session, schema } from 'millrace'

/** The columns of the campaign tables that the definitions read. */
const TABLES = {
  campaign_descriptions: schema({
    campaign_id: 'int',
    campaign_type: 'string',
    start_date: 'timestamp_ntz',
    end_date: 'timestamp_ntz',
  }),
  campaigns: schema({ campaign_id: 'int', household_id: 'int' }),
  coupon_redemptions: schema({
    household_id: 'int',
    coupon_upc: 'bigint',
    campaign_id: 'int',
    redemption_date: 'timestamp_ntz',
  }),
}

/** Makes a view of each campaign file, Parquet or CSV, under the name of its table. */
export async function readCampaigns(
  session: Session,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [table, path] of Object.entries(files)) {
    const columns = TABLES[table as keyof typeof TABLES] // The names come from CAMPAIGN_TABLES.
    const frame = path.endsWith('.parquet')
      ? session.read.parquet(path).as<object>(columns)
      : session.read.csv<object>(path, { schema: columns, header: true })
    await frame.createOrReplaceTempView(table)
  }
}
