package io.insula.tenantapi.controllers.core;

import static io.insula.tenantapi.controllers.RealCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.controllers.RealCluster;
import io.insula.tenantapi.controllers.Resources;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class LegacyTokenCleanerTest {

    private static final String INVALID = "/metadata/labels/kubernetes.io~1legacy-token-invalid-since";

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));

    @Test
    void putsAwayGeneratedTokensThatNobodyUsesAndLeavesAllOthers() {
        Clock clock = ((InstantSource) now::get).withZone(ZoneOffset.UTC);
        try (var cluster = RealCluster.withoutNodes(clock)) {
            String namespace = cluster.namespace();
            account(cluster, namespace, "old", true);
            account(cluster, namespace, "byhand", false);
            account(cluster, namespace, "mounted", true);
            cluster.create(Resources.PODS, namespace, """
                    {apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: i}],
                     volumes: [{name: v, secret: {secretName: mounted-token}}]}}""");
            account(cluster, namespace, "used", true);
            // until the end, and before time goes on: the cleaner may look at any of them at any time
            mark(cluster, namespace, "used", "{kubernetes.io/legacy-token-last-used: '2028-01-30'}");

            now.set(now.get().plus(Duration.ofDays(400)));
            for (String name : new String[] {"old", "byhand", "mounted"}) {
                mark(cluster, namespace, name, "{touched: once}");
            }

            await(
                    "the mark",
                    () -> cluster.at(Resources.SECRETS, namespace, "old-token", INVALID)
                            .asText("")
                            .equals("2027-02-05"));
            now.set(now.get().plus(Duration.ofDays(400)));
            await("its end", () -> isGoneOnceTouched(cluster, namespace));
            for (String name : new String[] {"byhand", "mounted", "used"}) {
                assertThat(cluster.at(Resources.SECRETS, namespace, name + "-token", INVALID)
                                .isMissingNode())
                        .as(name)
                        .isTrue();
            }
        }
    }

    private static void account(RealCluster cluster, String namespace, String name, boolean generated) {
        cluster.create(
                Resources.SERVICE_ACCOUNTS,
                namespace,
                "{apiVersion: v1, kind: ServiceAccount, metadata: {name: " + name + "}"
                        + (generated ? ", secrets: [{name: " + name + "-token}]" : "") + "}");
        cluster.create(
                Resources.SECRETS,
                namespace,
                "{apiVersion: v1, kind: Secret, metadata: {name: " + name
                        + "-token, annotations: {kubernetes.io/service-account.name: " + name
                        + "}}, type: kubernetes.io/service-account-token}");
        await(
                "the token",
                () -> cluster.at(Resources.SECRETS, namespace, name + "-token", "/data/token")
                        .isTextual());
    }

    /// The cleaner may be faster: it looks again by itself at what it has marked.
    private static boolean isGoneOnceTouched(RealCluster cluster, String namespace) {
        try {
            mark(cluster, namespace, "old", "{touched: twice}");
            return false;
        } catch (ApiException e) {
            assertThat(e.code()).isEqualTo(404);
            return true;
        }
    }

    private static void mark(RealCluster cluster, String namespace, String name, String labels) {
        cluster.patch(Resources.SECRETS, namespace, name + "-token", "metadata: {labels: " + labels + "}");
    }
}
