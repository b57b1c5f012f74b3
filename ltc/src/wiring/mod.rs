//! Who listens to whom.
