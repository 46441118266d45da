/// Child processes: etcd and Kafka, started, watched, adopted after a crash of ours, and stopped.
///
/// A [ChildSpec] says what runs and how one knows that it is ready, a [ChildProcess] keeps it running, [Survivors]
/// finds
/// what a killed run left behind. [EtcdProcess] and [KafkaProcess] write the specs. Each [ChildProcess] owns one
/// virtual
/// thread named after it, joined by its stop.
@NullMarked
package io.insula.controlplane.process;

import org.jspecify.annotations.NullMarked;
