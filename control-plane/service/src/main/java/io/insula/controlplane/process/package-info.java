/// The child processes of a cluster: [EtcdProcess] and [KafkaProcess] say how they are run and how one knows that they
/// serve, [BrokerClassPath] what a broker's JVM runs; [io.insula.process.ChildProcess] keeps them.
@NullMarked
package io.insula.controlplane.process;

import org.jspecify.annotations.NullMarked;
