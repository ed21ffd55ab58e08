-- Households a campaign reached, those that redeemed its coupons, their redemptions, and the response rate.
-- The row number tells apart two redemptions of one coupon by one household on one day.
WITH redemptions AS (
  SELECT
    campaign_id,
    household_id,
    row_number() OVER (ORDER BY campaign_id, household_id, coupon_upc, redemption_date) AS redemption
  FROM coupon_redemptions
)
SELECT
  d.campaign_id,
  d.campaign_type,
  d.start_date,
  d.end_date,
  count(DISTINCT h.household_id) AS households,
  count(DISTINCT r.household_id) AS redeemers,
  count(DISTINCT r.redemption) AS redemptions,
  round(count(DISTINCT r.household_id) / count(DISTINCT h.household_id), 6) AS response_rate
FROM campaign_descriptions AS d
JOIN campaigns AS h ON h.campaign_id = d.campaign_id
LEFT JOIN redemptions AS r ON r.campaign_id = h.campaign_id AND r.household_id = h.household_id
GROUP BY d.campaign_id, d.campaign_type, d.start_date, d.end_date
ORDER BY campaign_id
