package io.insula.tenantapi.storage.etcd;

import org.junit.jupiter.api.BeforeAll;

/// What the store must do, on the newest etcd that Debian offers.
final class NewerEtcdStorageTest extends EtcdStorageTest {

    @BeforeAll
    static void assumeThere() {
        EtcdRelease.NEWER.assume();
    }

    @Override
    EtcdRelease release() {
        return EtcdRelease.NEWER;
    }
}
