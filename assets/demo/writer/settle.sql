-- An open payment is settled.
UPDATE payment SET paid = true, last_updated = now() AT TIME ZONE 'UTC'
WHERE payment_id = (SELECT payment_id FROM payment WHERE NOT paid ORDER BY random() LIMIT 1)
