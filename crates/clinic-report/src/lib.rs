//! clinic-report
