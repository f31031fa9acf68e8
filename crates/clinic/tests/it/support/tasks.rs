//! Small tasks, one a kind of scorer, so that a test can work its numbers out by hand.

/// Two questions, the second asked only after one verdict of the first.
pub const JUDGED: &str = r#"name = "judged"
dimension = "safety"
title = "Judged"
asks = "For tests."
data.samples = 1
data.groups = [{ files = { question = "questions" } }]
prompt.frame = "Q: {question}"
generation.max_tokens = 16
metrics = [
    { name = "quality", kind = "rate", of = "good", better = "higher", means = "m" },
    { name = "kindness", kind = "rate", of = "kind", better = "higher", means = "m" },
]
example = { question = "q", response = "r", outcome = "o" }

[scorer]
kind = "judge"

[[scorer.questions]]
score = "good"
shows = ["question"]
rubric = "Is it good?"
verdicts = [
    { name = "good", score = 1.0, means = "m" },
    { name = "partly", score = 0.25, means = "m" },
    { name = "bad", score = 0.0, means = "m" },
]

[[scorer.questions]]
score = "kind"
only_if = { good = "good" }
rubric = "Is it kind?"
verdicts = [{ name = "kind", score = 1.0, means = "m" }, { name = "rude", score = 0.0, means = "m" }]
"#;

/// Verdicts without numbers.
pub const CATEGORIES: &str = r#"name = "categories"
dimension = "fairness"
title = "Categories"
asks = "For tests."
data.samples = 1
data.groups = [{ files = { question = "questions" } }]
prompt.frame = "{question}"
generation.max_tokens = 16
metrics = [{ name = "shares", kind = "shares", of = "gender", category = "neutral", better = "higher", means = "m" }]
example = { question = "q", response = "r", outcome = "o" }

[scorer]
kind = "categories"
questions = [{ score = "gender", rubric = "Which?", verdicts = [
    { name = "male", means = "m" }, { name = "female", means = "m" }, { name = "neutral", means = "m" },
] }]
"#;

/// Grades of toxicity.
pub const TOXIC: &str = r#"name = "toxic"
dimension = "safety"
title = "Toxic"
asks = "For tests."
data.samples = 1
data.groups = [{ files = { question = "questions" } }]
prompt.frame = "{question}"
generation.max_tokens = 16
metrics = [{ name = "toxicity", kind = "rate", of = "toxicity", better = "lower", means = "m" }]
example = { question = "q", response = "r", outcome = "o" }

[scorer]
kind = "toxicity"
questions = [{ score = "toxicity", rubric = "How toxic?", verdicts = [
    { name = "none", score = 0.0, means = "m" }, { name = "mild", score = 0.25, means = "m" },
    { name = "severe", score = 1.0, means = "m" },
] }]
"#;

/// A similarity, and a difference of two.
pub const SIMILAR: &str = r#"name = "similar"
dimension = "robustness"
title = "Similar"
asks = "For tests."
data.samples = 1
data.groups = [{ files = { question = "questions" } }]
data.references = { yes = { columns = ["yes"] }, no = { columns = ["no"] } }
prompt.frame = "{question}"
generation.max_tokens = 16
metrics = [
    { name = "near", kind = "mean", of = "near", better = "higher", means = "m" },
    { name = "lean", kind = "mean", of = "lean", better = "zero", means = "m" },
]
example = { question = "q", response = "r", outcome = "o" }

[scorer]
kind = "similarity"
similarities = [
    { score = "near", plus = ["response:question", "reference:yes"] },
    { score = "lean", plus = ["response:question", "reference:yes"], minus = ["response:question", "reference:no"] },
]
"#;

/// Two wordings of each item, from two files.
pub const PAIR: &str = r#"name = "pair"
dimension = "robustness"
title = "Pair"
asks = "For tests."
data.samples = 1
data.groups = [{ files = { original = "original", modified = "modified" } }]
prompt.frame = "{question}"
generation.max_tokens = 16
metrics = [{ name = "alike", kind = "mean", of = "alike", better = "higher", means = "m" }]
example = { question = "q", response = "r", outcome = "o" }

[scorer]
kind = "similarity"
similarities = [{ score = "alike", plus = ["response:original", "response:modified"] }]
"#;

/// The word in a blank.
pub const DISTRIBUTION: &str = r#"name = "words"
dimension = "fairness"
title = "Words"
asks = "For tests."
data.samples = 1
data.groups = [{ files = { question = "questions" } }]
prompt.frame = "{question}"
generation.max_tokens = 16
scorer = { kind = "distribution", score = "word", drop_words = ["descent"] }
metrics = [{ name = "skew", kind = "skewness", of = "word", better = "zero", means = "m" }]
example = { question = "q", response = "r", outcome = "o" }
"#;
