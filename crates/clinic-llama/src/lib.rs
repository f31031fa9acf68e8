//! clinic-llama
