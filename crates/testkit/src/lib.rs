//! Simulated network and clock, scripted peers, generators, a naive model.
