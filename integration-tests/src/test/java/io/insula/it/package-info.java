/// The whole of Insula as its users meet it: the command as a process of its own, stock kubectl, real etcd, Kafka and
/// TLS.
@NullMarked
package io.insula.it;

import org.jspecify.annotations.NullMarked;
