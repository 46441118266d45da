/// Tests on real etcd processes; [EtcdProcess] is the fixture.
@org.jspecify.annotations.NullMarked
package io.insula.tenantapi.storage.etcd;
