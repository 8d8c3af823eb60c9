//! The bounds on one stanza for many, a part of the one list — XEP-0033.

use std::time::Duration;

/// Recipients of a stanza where the service does not say how many: what ejabberd takes from a component, and no service
/// should take less.
pub const MULTICAST_RECIPIENTS: usize = 20;
/// Recipients of a stanza where the service would take more: the specification's upper bound.
pub const MULTICAST_RECIPIENTS_MAX: usize = 100;
/// Bytes of their addresses: a notice that is as large as it may be still fits into a stanza together with them.
pub const MULTICAST_ADDRESSES_BYTES_MAX: usize = 16 * 1024;
/// Services of the host that are asked whether they are the one.
pub const MULTICAST_SERVICES_MAX: usize = 32;
/// How long to wait for each of the answers that lead to it; notices wait meanwhile.
pub const MULTICAST_SEARCH_PATIENCE: Duration = Duration::from_secs(3);
/// Portions that may wait at it: so little that it passes them on in seconds, and enough that it always has something to
/// do. It takes whatever comes and does not slow the link down.
pub const MULTICAST_PORTIONS_MAX: u64 = 32;
/// How long it may take what went to it to pass, before it is given up: as long as the host itself may take.
pub const MULTICAST_PATIENCE: Duration = Duration::from_secs(60);
