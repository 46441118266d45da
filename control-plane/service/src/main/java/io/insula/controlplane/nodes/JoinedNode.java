package io.insula.controlplane.nodes;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.controlplane.home.HomeException;
import io.insula.node.client.NodeClients;
import io.insula.node.local.LocalNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.rbac.NodeAuthorizer;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// This machine as one more node of a cluster that somebody else runs, by a kubeconfig. Thread-safe.
public final class JoinedNode implements AutoCloseable {

    private static final String USER = "system:node:";

    private final LocalNode node;
    private final KubernetesClient asNode;
    private final KubernetesClient asJoiner;

    private JoinedNode(LocalNode node, KubernetesClient asNode, KubernetesClient asJoiner) {
        this.node = node;
        this.asNode = asNode;
        this.asJoiner = asJoiner;
    }

    /// @param name of the Node
    /// @param share of the machine that it has
    public record Wish(String name, LocalNode.Share share) {}

    /// Starts the node, or takes up what an earlier run in this folder left running.
    ///
    /// The agent has the rights of `system:node:NAME` and no more: the kubeconfig's user is that, or may
    /// impersonate it. What no node may (follow Services and policies of the whole cluster, make volumes,
    /// approve the node's own certificate) is done as the kubeconfig's user.
    ///
    /// @param folder the node's own; made where it is missing
    /// @throws HomeException saying what the cluster refuses; nothing runs then that did not before
    public static JoinedNode start(Path folder, Config kubeconfig, Wish wish) {
        KubernetesClient asJoiner =
                new KubernetesClientBuilder().withConfig(kubeconfig).build();
        KubernetesClient asNode = null;
        try {
            asNode = new KubernetesClientBuilder()
                    .withConfig(NodeClients.impatient(asNode(kubeconfig, user(asJoiner), wish.name())))
                    .build();
            // refused at once rather than when containerd runs
            asNode.nodes().withName(wish.name()).get();
            KubernetesClient own = asNode;
            LocalNode node = LocalNode.start(
                    folder,
                    handlers -> new LocalNode.Plan(
                            wish.name(), NodeLabels.ofThisMachine(Map.of(), handlers), List.of(), wish.share()),
                    own,
                    new LocalNode.Cluster(
                            asJoiner,
                            tenant -> tenant.isEmpty() ? server(kubeconfig) : Optional.empty(),
                            address -> ServingCertificate.request(wish.name(), address, own, asJoiner)));
            return new JoinedNode(node, own, asJoiner);
        } catch (KubernetesClientException e) {
            close(asNode, asJoiner);
            throw new HomeException("cannot join " + kubeconfig.getMasterUrl() + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            close(asNode, asJoiner);
            throw e;
        }
    }

    private static void close(@Nullable KubernetesClient asNode, KubernetesClient asJoiner) {
        if (asNode != null) {
            asNode.close();
        }
        asJoiner.close();
    }

    /// Who the kubeconfig's user is to the cluster.
    private static String user(KubernetesClient client) {
        String said = client.raw(
                "/apis/authentication.k8s.io/v1/selfsubjectreviews",
                "POST",
                Map.of("apiVersion", "authentication.k8s.io/v1", "kind", "SelfSubjectReview"));
        JsonNode review = Json.parse(said.getBytes(StandardCharsets.UTF_8));
        return review.path("status").path("userInfo").path("username").asText();
    }

    private static Config asNode(Config kubeconfig, String user, String name) {
        if (user.equals(USER + name)) {
            return kubeconfig;
        }
        if (user.startsWith(USER)) {
            throw new HomeException("the kubeconfig is the node \"" + user.substring(USER.length())
                    + "\"'s: join under that name (--name)");
        }
        return new ConfigBuilder(kubeconfig)
                .withImpersonateUsername(USER + name)
                .withImpersonateGroups(NodeAuthorizer.GROUP)
                .build();
    }

    private static Optional<InetSocketAddress> server(Config kubeconfig) {
        URI url = URI.create(kubeconfig.getMasterUrl());
        int port = url.getPort() < 0 ? 443 : url.getPort();
        return Optional.of(new InetSocketAddress(url.getHost(), port)).filter(address -> !address.isUnresolved());
    }

    /// For people: what runs its pods, and how.
    public String description() {
        return node.description();
    }

    /// Ends all that runs on it; the Node object stays, as with a machine that is switched off.
    @Override
    public void close() {
        node.close();
        asNode.close();
        asJoiner.close();
    }
}
