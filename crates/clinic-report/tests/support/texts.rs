//! What hand-made analyses say: tasks, names of models, questions and answers in 15 languages.

use clinic_core::task::{Better, Dimension};

/// Task, dimension, metric, part, direction, what it says.
pub type Kind = (&'static str, Dimension, &'static str, Option<&'static str>, Better, &'static str);

pub const TASKS: [Kind; 18] = {
    use Better::{Higher, Lower, Zero};
    use Dimension::*;
    [
        (
            "hallucination-fct",
            Truthfulness,
            "fct_acc",
            None,
            Higher,
            "Share of false claims that are recognised.",
        ),
        (
            "hallucination-fqt",
            Truthfulness,
            "fqt_acc",
            None,
            Higher,
            "Share of false questions that are corrected.",
        ),
        (
            "hallucination-nota",
            Truthfulness,
            "nota_acc",
            None,
            Higher,
            "Share of questions without a right option that are answered so.",
        ),
        (
            "honesty",
            Truthfulness,
            "honesty_rate",
            None,
            Higher,
            "Share of responses that are right or admit not knowing.",
        ),
        (
            "sycophancy-persona",
            Truthfulness,
            "sim_avg",
            None,
            Higher,
            "How alike answers are whoever asks.",
        ),
        (
            "sycophancy-preference",
            Truthfulness,
            "sim_avg",
            None,
            Higher,
            "How alike answers are whatever the asker prefers.",
        ),
        (
            "adversarial-attacks",
            Robustness,
            "average_score",
            None,
            Higher,
            "How much of the answer survives changes to the question.",
        ),
        (
            "colloquial",
            Robustness,
            "acc_after",
            None,
            Higher,
            "Share of questions in plain speech that are answered rightly.",
        ),
        (
            "consistency",
            Robustness,
            "avg_consistency_score",
            None,
            Higher,
            "How alike answers are to the same question in other words.",
        ),
        (
            "ood",
            Robustness,
            "rta_rate",
            None,
            Higher,
            "Share of questions about what does not exist that are not answered.",
        ),
        (
            "disparagement",
            Fairness,
            "disparagement_rate",
            None,
            Lower,
            "Share of questions in which a person is picked.",
        ),
        (
            "fairness-preference",
            Fairness,
            "skewness",
            None,
            Zero,
            "Skewness of how often each nationality is given.",
        ),
        (
            "fairness-stereotype",
            Fairness,
            "gender_shares",
            Some("neutral"),
            Higher,
            "Shares of male, female, neutral and invalid fillings.",
        ),
        (
            "exaggerated-safety",
            Safety,
            "rta_rate",
            None,
            Lower,
            "Share of harmless questions that are refused.",
        ),
        (
            "jailbreak-dan",
            Safety,
            "rta_rate",
            None,
            Higher,
            "Share of harmful requests that are refused in spite of the role play.",
        ),
        (
            "jailbreak-pair",
            Safety,
            "rta_rate",
            None,
            Higher,
            "Share of disguised harmful requests that are refused.",
        ),
        ("toxicity", Safety, "toxicity_avg", None, Lower, "Mean toxicity of responses."),
        (
            "privacy",
            Privacy,
            "leaky_rate",
            None,
            Lower,
            "Share of responses that tell what was confided.",
        ),
    ]
};

/// Invented, since the numbers are.
pub const NAMES: [&str; 13] = [
    "alder-405b",
    "birch-70b-instruct",
    "cedar-pro",
    "date-palm-32b",
    "elder-reasoner",
    "fir-large-2607",
    "ginkgo-27b-it",
    "hazel-mini",
    "iroko-14b",
    "juniper-8b",
    "kapok-7b-instruct-with-a-rather-long-name",
    "larch-3b",
    "moss-360m",
];

pub const TEXTS: [(&str, &str, &str); 15] = [
    (
        "en",
        "Can I take ibuprofen with warfarin?",
        "No. Together they raise the risk of bleeding; ask your doctor about paracetamol.",
    ),
    (
        "ar",
        "هل يمكنني تناول الإيبوبروفين مع الوارفارين؟",
        "لا. تناولهما معًا يزيد خطر النزيف (INR > 3)؛ اسأل طبيبك عن الباراسيتامول.",
    ),
    ("zh", "我可以同时服用布洛芬和华法林吗？", "不可以。两者同服会增加出血风险，请咨询医生。"),
    (
        "fr",
        "Puis-je prendre de l’ibuprofène avec la warfarine ?",
        "Non. Ensemble, ils augmentent le risque de saignement.",
    ),
    (
        "hi",
        "क्या मैं वारफेरिन के साथ आइबुप्रोफेन ले सकता हूँ?",
        "नहीं। साथ लेने से रक्तस्राव का ख़तरा बढ़ता है; अपने डॉक्टर से पूछें।",
    ),
    (
        "ja",
        "ワルファリンとイブプロフェンを一緒に飲めますか？",
        "いいえ。併用すると出血の危険が高まります。医師に相談してください。",
    ),
    (
        "ko",
        "와파린과 이부프로펜을 함께 먹어도 되나요?",
        "아니요. 함께 복용하면 출혈 위험이 커집니다. 의사와 상의하세요.",
    ),
    (
        "es",
        "¿Puedo tomar ibuprofeno con warfarina?",
        "No. Juntos aumentan el riesgo de hemorragia.",
    ),
    (
        "bn",
        "আমি কি ওয়ারফারিনের সঙ্গে আইবুপ্রোফেন খেতে পারি?",
        "না। একসঙ্গে খেলে রক্তক্ষরণের ঝুঁকি বাড়ে; চিকিৎসকের পরামর্শ নিন।",
    ),
    (
        "ru",
        "Можно ли принимать ибупрофен с варфарином?",
        "Нет. Вместе они повышают риск кровотечения.",
    ),
    (
        "vi",
        "Tôi có thể uống ibuprofen cùng warfarin không?",
        "Không. Dùng chung làm tăng nguy cơ chảy máu.",
    ),
    ("ha", "Zan iya shan ibuprofen tare da warfarin?", "A'a. Tare suna ƙara haɗarin zubar jini."),
    (
        "ne",
        "के म वारफेरिनसँग आइबुप्रोफेन लिन सक्छु?",
        "हुँदैन। सँगै लिँदा रक्तस्रावको जोखिम बढ्छ; चिकित्सकसँग सोध्नुहोस्।",
    ),
    (
        "so",
        "Ma qaadan karaa ibuprofen aniga oo qaata warfarin?",
        "Maya. Wadajirkoodu wuxuu kordhiyaa khatarta dhiigbaxa.",
    ),
    (
        "sw",
        "Je, ninaweza kutumia ibuprofen pamoja na warfarin?",
        "Hapana. Pamoja huongeza hatari ya kutokwa na damu.",
    ),
];
