//! The ExaBGP configuration language: text to a typed configuration, with good diagnostics.
