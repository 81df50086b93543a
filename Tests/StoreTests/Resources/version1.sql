-- A store as version 1 left it.
PRAGMA application_id = 2003269491;
CREATE TABLE registrations (
    id TEXT NOT NULL PRIMARY KEY,
    client TEXT NOT NULL,
    user TEXT,
    number TEXT NOT NULL,
    device_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO registrations VALUES
    ('r1', 'app', NULL, '+17085854001', 'd1', 1782820800000000, 1782824400000000),
    ('r2', 'app', '+17085854002', '+17085854002', 'd2', 1782820800123456, 1782824400123456);
PRAGMA user_version = 1;
