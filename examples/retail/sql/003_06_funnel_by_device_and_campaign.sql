-- Sessions that viewed, carted, checked out and purchased. A session has one device and one campaign or none.
WITH sessions AS (
  SELECT
    session_id,
    max(device) AS device,
    coalesce(max(campaign), 'none') AS campaign,
    bool_or(event_type = 'view') AS viewed,
    bool_or(event_type = 'add_to_cart') AS carted,
    bool_or(event_type = 'checkout') AS checked_out,
    bool_or(event_type = 'purchase') AS purchased
  FROM activity
  GROUP BY session_id
)
SELECT
  device,
  campaign,
  count(*) AS sessions,
  count(*) FILTER (WHERE viewed) AS viewed,
  count(*) FILTER (WHERE carted) AS carted,
  count(*) FILTER (WHERE checked_out) AS checked_out,
  count(*) FILTER (WHERE purchased) AS purchased,
  round(count(*) FILTER (WHERE purchased) / count(*), 6) AS conversion_rate
FROM sessions
GROUP BY device, campaign
ORDER BY device, campaign
