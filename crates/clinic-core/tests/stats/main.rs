//! Statistics against reference values, by their properties, and in simulations.

mod agreement;
mod coverage;
mod properties;
mod reference;
