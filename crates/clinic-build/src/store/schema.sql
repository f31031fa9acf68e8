CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

-- A document in one language, as it came at one time. Rows are not changed but for `current`: items
-- keep pointing at what they were written from.
CREATE TABLE documents(
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,           -- the source's name in build.toml
    name TEXT NOT NULL,             -- its name at the source
    language TEXT NOT NULL,         -- tag
    title TEXT NOT NULL,
    text TEXT NOT NULL,             -- plain text, NFC
    license TEXT NOT NULL,
    address TEXT NOT NULL,          -- URL, or path from the project's folder
    dated TEXT,                     -- what the source says of its day, YYYY-MM-DD
    fetched TEXT NOT NULL,          -- UTC
    sha256 TEXT NOT NULL,           -- of the bytes as they came
    link TEXT,                      -- documents of a source with the same link are versions of one
    groups TEXT NOT NULL,           -- JSON: what the source files it under
    recent INTEGER NOT NULL,        -- whether it is about what models cannot have learned yet
    current INTEGER NOT NULL,       -- whether the source had it so at the last look
    UNIQUE(source, name, language, sha256)
) STRICT;
CREATE INDEX documents_by_language ON documents(language, current);

-- What a step left out, and why; replaced by each whole run of the step on that source or task.
CREATE TABLE dropped(
    id INTEGER PRIMARY KEY,
    step TEXT NOT NULL,
    source TEXT NOT NULL,           -- source or task
    what TEXT NOT NULL,
    why TEXT NOT NULL,
    time TEXT NOT NULL
) STRICT;

-- What servers sent, so that an unchanged body is not sent again; the bodies are files in cache/.
CREATE TABLE fetched(
    address TEXT PRIMARY KEY,
    etag TEXT,                      -- as the server named this body
    modified TEXT,                  -- Last-Modified, in the server's words
    next TEXT,                      -- address of the page behind this one, from its header Link
    sha256 TEXT NOT NULL,           -- of the body, which is the file of this name
    kind TEXT,                      -- Content-Type
    time TEXT NOT NULL              -- UTC
) STRICT, WITHOUT ROWID;

-- An English document and its version in another language.
CREATE TABLE pairs(
    english INTEGER NOT NULL REFERENCES documents(id),
    language TEXT NOT NULL,
    other INTEGER REFERENCES documents(id),   -- NULL where unmapped
    state TEXT NOT NULL,            -- mapped, doubtful, unmapped
    how TEXT NOT NULL,              -- link, embedding, person, none
    similarity REAL,
    PRIMARY KEY(english, language)
) STRICT, WITHOUT ROWID;

-- What people say of pairs; rows are added and never changed.
CREATE TABLE decisions(
    id INTEGER PRIMARY KEY,
    english INTEGER NOT NULL REFERENCES documents(id),
    other INTEGER NOT NULL REFERENCES documents(id),
    same INTEGER NOT NULL,
    name TEXT NOT NULL,
    time TEXT NOT NULL
) STRICT;

CREATE TABLE items(
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,       -- the item_id of the published set
    task TEXT NOT NULL,
    document INTEGER NOT NULL REFERENCES documents(id),
    nth INTEGER NOT NULL,           -- which item of this task from this document, from 0
    place INTEGER,                  -- place of the right option, from 0, where there are options
    domains TEXT NOT NULL,          -- JSON
    recipe TEXT NOT NULL,           -- digest of the recipe
    seed INTEGER NOT NULL,          -- of build.toml when it was written
    UNIQUE(task, document, nth, recipe, seed)
) STRICT;

-- An item in one language, with the proof of where it came from.
CREATE TABLE texts(
    item INTEGER NOT NULL REFERENCES items(id),
    language TEXT NOT NULL,
    document INTEGER NOT NULL REFERENCES documents(id),
    fields TEXT NOT NULL,           -- JSON: what the model wrote
    cells TEXT NOT NULL,            -- JSON: what goes into the dataset's files
    digest TEXT NOT NULL,           -- of the cells: what findings and ratings are about
    model TEXT NOT NULL,            -- identity in calls.sqlite
    prompt TEXT NOT NULL,           -- SHA-256 of what was asked
    seed INTEGER NOT NULL,
    time TEXT NOT NULL,
    PRIMARY KEY(item, language)
) STRICT;

-- Items that a model could not write in a language, so that it is not asked again for nothing.
CREATE TABLE failed(
    task TEXT NOT NULL,
    document INTEGER NOT NULL REFERENCES documents(id),   -- the English one
    nth INTEGER NOT NULL,
    recipe TEXT NOT NULL,
    language TEXT NOT NULL,
    model TEXT NOT NULL,            -- identity
    attempts INTEGER NOT NULL,      -- replies that were asked for, all told
    sort TEXT NOT NULL,             -- in a few words, the same for all of a sort
    why TEXT NOT NULL,              -- of the last reply
    time TEXT NOT NULL,
    PRIMARY KEY(task, document, nth, recipe, language, model)
) STRICT, WITHOUT ROWID;

-- Models that worked on the project, for what they cost and for the data card.
CREATE TABLE models(
    identity TEXT PRIMARY KEY,
    reference TEXT NOT NULL,        -- JSON: name, address, price
    work TEXT NOT NULL              -- JSON: the steps that used it
) STRICT;

CREATE TABLE findings(
    id INTEGER PRIMARY KEY,
    item INTEGER REFERENCES items(id),        -- NULL: the task or the whole set
    task TEXT,
    language TEXT,                            -- NULL: all
    digest TEXT,                              -- of the text that was looked at
    name TEXT NOT NULL,                       -- of the check
    level TEXT NOT NULL,                      -- block, warn, pass
    problem TEXT NOT NULL,
    todo TEXT NOT NULL,
    measure REAL,
    time TEXT NOT NULL
) STRICT;
CREATE INDEX findings_by_item ON findings(item, language);

-- What people say of items; rows are added and never changed, the last of a person counts.
CREATE TABLE ratings(
    id INTEGER PRIMARY KEY,
    item INTEGER NOT NULL REFERENCES items(id),
    language TEXT NOT NULL,
    digest TEXT NOT NULL,           -- of the text that was rated
    reviewer TEXT NOT NULL,
    skipped INTEGER NOT NULL,
    unsafe INTEGER NOT NULL,
    marks TEXT NOT NULL,            -- JSON: criterion to a number from 1 to 5
    comment TEXT NOT NULL,
    via TEXT NOT NULL,              -- page, or the file that it came in
    time TEXT NOT NULL
) STRICT;
CREATE INDEX ratings_by_item ON ratings(item, language);
