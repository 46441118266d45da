package io.insula.controlplane.cluster;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;

/// A cluster that a test has for itself, whoever made its API server.
public interface TestHost extends AutoCloseable {

    /// A cluster administrator's.
    KubernetesClient client();

    /// How somebody with a client certificate reaches it.
    Config config(String user, List<String> groups);

    @Override
    void close();
}
