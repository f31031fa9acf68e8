//! Statistics against reference values, by their properties, and in simulations.

mod coverage;
mod properties;
mod reference;
