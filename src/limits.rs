//! Every bound in the program, one constant each, with its reason.
