/// Real etcd and Kafka for tests: in containers where a Docker engine answers, else as local processes. One
/// fixture serves both, and says which it took.
@NullMarked
package io.insula.it.backend;

import org.jspecify.annotations.NullMarked;
