//! The engine: XEP-0060 as decisions over typed requests. Pure: no I/O, no async, no clock, no XML.
