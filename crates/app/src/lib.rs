//! Use cases of the till, the same for the window and for counterfoilctl.
