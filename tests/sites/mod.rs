//! Templates of sites: what is learned from generated sites, and the laws of the model.

mod corpus;
mod laws;
mod poisoning;
