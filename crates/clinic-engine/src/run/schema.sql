-- Store version 4. docs/design/run.md tells what each table is for.
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

-- The run's own copy of each task file: the run needs no other.
CREATE TABLE tasks(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, toml TEXT NOT NULL) STRICT;

-- Rubrics in place of the tasks' own; toml is the file.
CREATE TABLE rubrics(task TEXT PRIMARY KEY, toml TEXT NOT NULL) STRICT;

-- What the data should hold and does not; body is JSON.
CREATE TABLE gaps(id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;

-- One item in one language; body is JSON with texts and references.
CREATE TABLE samples(
    id INTEGER PRIMARY KEY,
    task TEXT NOT NULL,
    language TEXT NOT NULL,
    item TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE(task, item, language)
) STRICT;

-- One prompt and what came of it.
CREATE TABLE responses(
    id INTEGER PRIMARY KEY,
    sample INTEGER NOT NULL REFERENCES samples(id),
    variant TEXT NOT NULL,
    prompt TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending',
    text TEXT,
    -- The reply as it came, where it is not the same as text.
    raw TEXT,
    reasoning TEXT,
    truncated INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    prompt_tokens INTEGER NOT NULL DEFAULT 0,
    completion_tokens INTEGER NOT NULL DEFAULT 0,
    -- Of the tokens of the answer.
    reasoning_tokens INTEGER NOT NULL DEFAULT 0,
    -- Whether a batch endpoint answered, at its lower price.
    batch INTEGER NOT NULL DEFAULT 0,
    UNIQUE(sample, variant)
) STRICT;
CREATE INDEX responses_by_state ON responses(state, sample);

-- Replies of judges and grades of classifiers by content key; request and reply are JSON.
CREATE TABLE calls(
    key TEXT PRIMARY KEY,
    model TEXT NOT NULL,
    request TEXT NOT NULL,
    reply TEXT NOT NULL
) STRICT;

-- Vectors by content key, as little-endian 32-bit floats.
CREATE TABLE embeddings(
    key TEXT PRIMARY KEY,
    model TEXT NOT NULL,
    vector BLOB NOT NULL
) STRICT;

-- Scores are derived: scoring again writes over them. outcome is JSON.
CREATE TABLE scores(
    sample INTEGER NOT NULL REFERENCES samples(id),
    place INTEGER NOT NULL,
    name TEXT NOT NULL,
    outcome TEXT NOT NULL,
    verdict TEXT,
    why TEXT,
    scorer TEXT NOT NULL,
    PRIMARY KEY(sample, name)
) STRICT;
CREATE INDEX scores_by_verdict ON scores(verdict, sample);

-- What people say of scores: rows are added, never changed. outcome (JSON), verdict and scorer are the
-- score's as it was then; time is UTC.
CREATE TABLE marks(
    id INTEGER PRIMARY KEY,
    sample INTEGER NOT NULL REFERENCES samples(id),
    score TEXT NOT NULL,
    outcome TEXT NOT NULL,
    verdict TEXT,
    scorer TEXT NOT NULL,
    opinion TEXT NOT NULL,
    should_be TEXT,
    comment TEXT NOT NULL,
    name TEXT NOT NULL,
    time TEXT NOT NULL
) STRICT;
CREATE INDEX marks_by_sample ON marks(sample);

-- What calls may have cost of which no usage is known: answers that broke off, embeddings.
CREATE TABLE charges(id INTEGER PRIMARY KEY, model TEXT NOT NULL, usd REAL NOT NULL) STRICT;

-- Batches that were sent; id is the provider's, and missing where the program ended before it came.
CREATE TABLE batches(label TEXT PRIMARY KEY, model TEXT NOT NULL, id TEXT) STRICT;

-- Content keys of the requests in a batch.
CREATE TABLE batch_calls(
    key TEXT NOT NULL,
    batch TEXT NOT NULL REFERENCES batches(label),
    PRIMARY KEY(key, batch)
) STRICT;
