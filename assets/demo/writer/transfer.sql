-- Somebody moves to another department.
UPDATE staff SET department_id = 1 + department_id % 8, last_updated = now() AT TIME ZONE 'UTC'
WHERE staff_id = (SELECT staff_id FROM staff ORDER BY random() LIMIT 1)
