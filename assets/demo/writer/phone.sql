-- A telephone number changes.
UPDATE address
SET phone = '0' || 1000 + floor(random() * 900)::integer || ' ' || 100000 + floor(random() * 899999)::integer,
    last_updated = now() AT TIME ZONE 'UTC'
WHERE address_id = (SELECT address_id FROM address ORDER BY random() LIMIT 1)
