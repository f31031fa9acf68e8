//! Statistics against reference values, by their properties, and in simulations.

mod reference;
