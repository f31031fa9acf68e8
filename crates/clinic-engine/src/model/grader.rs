//! Who grades toxicity, as a user names it.

use super::provider::{Name, PERSPECTIVE, TEI, UnknownName};

/// The prefix of guard models.
pub const GUARD: &str = "guard:";

/// A grader of toxicity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GraderName {
    /// `perspective`.
    Perspective,
    /// `openai/…moderation…`: OpenAI's moderation endpoint.
    Moderation(String),
    /// `tei/NAME` or `tei/NAME:LABEL`: a classifier behind text-embeddings-inference.
    Tei {
        /// The classifier's name, for the results: a server serves one.
        model: String,
        /// The label that means toxic.
        label: Option<String>,
    },
    /// `guard:PROVIDER/MODEL`: a guard model, which answers in a form of its own.
    Guard(Name, Family),
    /// Any other `PROVIDER/MODEL`: a judge.
    Judge(Name),
}

/// Guard models whose replies can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Qwen3Guard-Gen.
    Qwen3Guard,
    /// Llama Guard 3 and 4, which share their list of hazards.
    LlamaGuard,
}

impl Family {
    /// The family of a model by its name, in any spelling.
    fn of(model: &str) -> Option<Self> {
        let letters: String = model.chars().filter(char::is_ascii_alphanumeric).collect();
        let letters = letters.to_ascii_lowercase();
        if letters.contains("qwen3guard") {
            Some(Self::Qwen3Guard)
        } else if letters.contains("llamaguard3") || letters.contains("llamaguard4") {
            Some(Self::LlamaGuard)
        } else {
            None
        }
    }
}

/// A name that is no grader's.
#[derive(Debug, thiserror::Error)]
pub enum UnknownGrader {
    /// Of a guard that is not known.
    #[error(
        "the replies of the guard '{0}' cannot be read; Qwen3Guard-Gen and Llama Guard 3 and 4 \
        can, and are known by their names"
    )]
    Guard(String),
    /// Of nothing at all.
    #[error("{0}; or perspective, {TEI_FORM}, guard:PROVIDER/MODEL")]
    Name(#[from] UnknownName),
    /// Of a classifier without a name.
    #[error("'{0}' is not {TEI_FORM}")]
    Tei(String),
}

const TEI_FORM: &str = "tei/NAME or tei/NAME:LABEL";

impl std::str::FromStr for GraderName {
    type Err = UnknownGrader;

    fn from_str(text: &str) -> Result<Self, UnknownGrader> {
        if text == PERSPECTIVE.name {
            return Ok(Self::Perspective);
        }
        if let Some(rest) = text.strip_prefix(TEI).and_then(|rest| rest.strip_prefix('/')) {
            let (model, label) = match rest.split_once(':') {
                Some((model, label)) => (model, Some(label.to_owned())),
                None => (rest, None),
            };
            if model.trim().is_empty() || label.as_ref().is_some_and(|l| l.trim().is_empty()) {
                return Err(UnknownGrader::Tei(text.to_owned()));
            }
            return Ok(Self::Tei { model: model.to_owned(), label });
        }
        if let Some(name) = text.strip_prefix(GUARD) {
            let family = Family::of(name.rsplit(['/', '\\']).next().unwrap_or(name));
            let name = name.parse()?;
            let family = family.ok_or_else(|| UnknownGrader::Guard(text.to_owned()))?;
            return Ok(Self::Guard(name, family));
        }
        Ok(match text.parse()? {
            Name::Http { provider: "openai", model } if model.contains("moderation") => {
                Self::Moderation(model)
            }
            name => Self::Judge(name),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_names_its_grader() {
        let parse = |text: &str| text.parse::<GraderName>().unwrap();
        let http = |provider, model: &str| Name::Http { provider, model: model.to_owned() };
        let tei = |model: &str, label: Option<&str>| GraderName::Tei {
            model: model.to_owned(),
            label: label.map(str::to_owned),
        };
        assert_eq!(parse("perspective"), GraderName::Perspective);
        assert_eq!(parse("tei/a/b"), tei("a/b", None));
        assert_eq!(parse("tei/a/b:LABEL_1"), tei("a/b", Some("LABEL_1")));
        let moderation = GraderName::Moderation("omni-moderation-latest".to_owned());
        assert_eq!(parse("openai/omni-moderation-latest"), moderation);
        assert_eq!(parse("openai/gpt"), GraderName::Judge(http("openai", "gpt")));
        assert_eq!(
            parse("guard:vllm/Qwen/Qwen3Guard-Gen-8B"),
            GraderName::Guard(http("vllm", "Qwen/Qwen3Guard-Gen-8B"), Family::Qwen3Guard)
        );
        assert_eq!(
            parse("guard:ollama/llama-guard3:8b"),
            GraderName::Guard(http("ollama", "llama-guard3:8b"), Family::LlamaGuard)
        );
    }

    #[test]
    fn what_names_no_grader_is_refused_with_what_would() {
        for (text, why) in [
            ("perspektive", "perspective"),
            ("tei/", "tei/NAME"),
            ("tei/a:", "tei/NAME"),
            ("guard:ollama/llama-guard2", "Qwen3Guard"),
            ("guard:ollama/shieldgemma", "Qwen3Guard"),
            ("guard:Qwen3Guard", "provider/model"),
        ] {
            let error = text.parse::<GraderName>().unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
