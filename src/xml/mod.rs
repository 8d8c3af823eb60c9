//! XML as the service reads and writes it: a bounded, iterative tree over the bytes as they came, and an escaping writer.
