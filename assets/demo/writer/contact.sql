-- A counterparty has somebody new at the door.
UPDATE counterparty
SET delivery_contact = (ARRAY['Rosa Iglesias', 'Pablo Ruiz', 'Anna Håkansson', 'Kofi Mensah', 'Mei Tanaka'])[1 + floor(random() * 5)::integer],
    last_updated = now() AT TIME ZONE 'UTC'
WHERE counterparty_id = (SELECT counterparty_id FROM counterparty ORDER BY random() LIMIT 1)
