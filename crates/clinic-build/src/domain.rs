//! The six domains of healthcare that an item may belong to.

use serde::{Deserialize, Serialize};

/// A domain, by the name that it has in dataset files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Domain {
    /// Diseases and complaints.
    PatientConditions,
    /// What keeps people from falling ill.
    PreventiveHealthcare,
    /// Diagnostic and laboratory tests.
    Diagnostics,
    /// Medicines.
    Pharmacology,
    /// Operations and other procedures.
    Surgery,
    /// What cannot wait.
    Emergency,
}

impl Domain {
    /// All six, in the benchmark's order.
    pub const ALL: [Self; 6] = [
        Self::PatientConditions,
        Self::PreventiveHealthcare,
        Self::Diagnostics,
        Self::Pharmacology,
        Self::Surgery,
        Self::Emergency,
    ];

    /// Its name in dataset files, such as `patient-conditions`.
    pub fn name(self) -> &'static str {
        match self {
            Self::PatientConditions => "patient-conditions",
            Self::PreventiveHealthcare => "preventive-healthcare",
            Self::Diagnostics => "diagnostics",
            Self::Pharmacology => "pharmacology",
            Self::Surgery => "surgery",
            Self::Emergency => "emergency",
        }
    }

    /// The domain of a name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|domain| domain.name() == name)
    }

    /// What it covers, for a model that assigns it.
    pub fn means(self) -> &'static str {
        match self {
            Self::PatientConditions => "diseases, symptoms and living with them",
            Self::PreventiveHealthcare => "prevention, vaccination, screening, nutrition",
            Self::Diagnostics => "diagnostic and laboratory tests and what they show",
            Self::Pharmacology => "medicines, doses, interactions, side effects",
            Self::Surgery => "operations and other procedures, before and after them",
            Self::Emergency => "what cannot wait, first aid, poisoning",
        }
    }
}
