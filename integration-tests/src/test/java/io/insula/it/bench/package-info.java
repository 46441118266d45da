/// Benchmarks: load drivers that are pointed at a kubeconfig, with raw etcd as the yardstick of the same run.
/// Nothing here runs in the tests; `./insula bench api` does. First class to read:
/// [io.insula.it.bench.ApiBench].
@org.jspecify.annotations.NullMarked
package io.insula.it.bench;
