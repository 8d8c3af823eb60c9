//! The bounds on the hub, a part of the one list (WebSub).

use std::time::Duration;

/// Subscriptions, all together: some 40 MB in the store.
pub const HUB_CALLBACKS_MAX: u64 = 50_000;
/// Subscriptions to one feed: a service for many readers has one, so this is a thousand people with their own.
pub const HUB_CALLBACKS_PER_TOPIC_MAX: u64 = 1_000;
/// Subscriptions at one host: a service for many readers, which follows every feed there is.
pub const HUB_CALLBACKS_PER_HOST_MAX: u64 = 5_000;
/// Subscriptions asked for from one network: likewise.
pub const HUB_CALLBACKS_PER_CALLER_MAX: u64 = 5_000;
/// Subscriptions to one feed asked for from one network, so that nobody takes up all that there may be of it.
pub const HUB_CALLBACKS_PER_TOPIC_AND_CALLER_MAX: u64 = 100;
/// Seconds for which a subscription lasts where nobody says for how long: what the specification suggests, ten days.
pub const HUB_LEASE_SECONDS: u64 = 10 * 24 * 60 * 60;
/// The shortest: more often nobody need ask again.
pub const HUB_LEASE_SECONDS_MIN: u64 = 60 * 60;
/// The longest: after a month, callbacks that nobody listens at are gone.
pub const HUB_LEASE_SECONDS_MAX: u64 = 30 * 24 * 60 * 60;
/// Bytes of a form: two long URLs, percent-encoded, and a secret.
pub const HUB_FORM_BYTES_MAX: usize = 16 * 1024;
/// Bytes of the URL of a callback: those in use have a hundred.
pub const HUB_CALLBACK_BYTES_MAX: usize = 2048;
/// Bytes of a secret: the specification wants fewer than 200.
pub const HUB_SECRET_BYTES_MAX: usize = 199;
/// Callbacks looked at in one question to the engine.
pub const HUB_PAGE: usize = 256;
/// How long a callback is left alone after it was told: what comes meanwhile is told in one.
pub const HUB_PAUSE: Duration = Duration::from_secs(2);
/// How long after the first failure a callback is told again, at the most.
pub const HUB_RETRY_AFTER_MIN: Duration = Duration::from_secs(60);
/// The same after many: four times a day, until its lease is over, which costs next to nothing.
pub const HUB_RETRY_AFTER_MAX: Duration = Duration::from_secs(6 * 60 * 60);
/// How often it is tried to tell a callback that there will be nothing more.
pub const HUB_DENIALS_MAX: u32 = 3;
/// Callbacks that are still to be asked whether they want what was asked for.
pub const HUB_PENDING_MAX: usize = 1024;
/// The same at one host, or for one network: a reader of feeds that takes up all those of a person at once.
pub const HUB_PENDING_OF_ONE_MAX: usize = 128;
/// How often somebody may wish for something, and so have one host asked, over a long time: whoever does not subscribe
/// himself must not have others asked without end.
pub const HUB_WISHES_EVERY: Duration = Duration::from_secs(1);
/// The same at once: twice what may be pending, for those that are asked for again.
pub const HUB_WISHES_AT_ONCE_MAX: u32 = 256;
/// How often all together may, however many they are and whatever the hosts are called: a hundred times of what all
/// subscriptions there may be need to be kept up.
pub const HUB_WISHES_OF_ALL_EVERY: Duration = Duration::from_millis(100);
/// The same at once: all that may be pending.
pub const HUB_WISHES_OF_ALL_AT_ONCE_MAX: u32 = 1024;
/// How long somebody waits who asks when there are so many.
pub const HUB_PENDING_RETRY_AFTER: Duration = Duration::from_secs(30);
/// How often a callback that does not answer is asked.
pub const HUB_QUESTIONS_MAX: u32 = 3;
/// How long to wait before it is asked again: long enough for a program that is started again.
pub const HUB_QUESTION_PAUSE: Duration = Duration::from_secs(10);
/// Callbacks that are asked at once.
pub const HUB_QUESTIONS_AT_ONCE: usize = 16;
/// Documents on their way at once.
pub const HUB_DELIVERIES_AT_ONCE: usize = 32;
/// Either of them at one host, so that a slow one cannot take all places.
pub const HUB_AT_ONCE_PER_HOST: usize = 2;
/// Callbacks of changed feeds that wait for their turn in memory; the store knows of the others.
pub const HUB_WAITING_MAX: usize = 10_000;
/// The same at one host, so that those at a slow one do not take the places of all others: minutes of work at most hosts.
pub const HUB_WAITING_OF_HOST_MAX: usize = 500;
/// How long a callback has to answer.
pub const HUB_PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of its answer: more than it is to repeat.
pub const HUB_ANSWER_BYTES_MAX: usize = 1024;
/// How often the callbacks of one node are looked through: what changes more often is seen in one look.
pub const HUB_LOOK_PAUSE: Duration = Duration::from_millis(200);
/// How long to wait when the engine has too much to do.
pub const HUB_BUSY_PAUSE: Duration = Duration::from_secs(5);
