package io.insula.tenantapi.storage.etcd;

import org.junit.jupiter.api.BeforeAll;

/// The same on the newest etcd that Debian offers.
final class NewerEtcdCompactorTest extends EtcdCompactorTest {

    @BeforeAll
    static void assumeThere() {
        EtcdRelease.NEWER.assume();
    }

    @Override
    EtcdRelease release() {
        return EtcdRelease.NEWER;
    }
}
