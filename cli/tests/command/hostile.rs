//! Hostile and careless use.
