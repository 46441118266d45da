package io.insula.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.insula.controlplane.cluster.TestCluster;
import io.insula.tenantapi.server.ServerComponents;
import io.micronaut.context.ApplicationContext;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TenantNewsTest {

    private static final TenantCondition READY = condition(true, "Ready", "");
    private static final TenantCondition HELD = condition(false, "DeletesHeld", "deletes are held back: {no proof=3}");

    @Test
    void tellsWhatIsNewAndNothingElse(@TempDir Path folder) {
        try (var beans = ApplicationContext.run();
                var host = new TestCluster("host", folder, beans.getBean(ServerComponents.class), builder -> builder)) {
            var news = new TenantNews(host.client(), Clock.systemUTC());
            tell(news, null, condition(false, "Waiting", "the API server's readiness"));
            tell(news, condition(false, "Waiting", "x"), condition(false, "Starting", "x"));
            tell(news, READY, READY);
            tell(news, HELD, HELD);
            assertThat(told(host)).isEmpty();

            tell(news, READY, HELD);
            assertThat(told(host)).containsExactly("Warning DeletesHeld deletes are held back: {no proof=3}");
            tell(news, HELD, READY);
            assertThat(told(host))
                    .containsExactlyInAnyOrder(
                            "Warning DeletesHeld deletes are held back: {no proof=3}",
                            "Normal Ready ready; over is DeletesHeld: deletes are held back: {no proof=3}");
        }
    }

    @Test
    void tellsOfEachPhaseOfAChangeOfKeys(@TempDir Path folder) {
        try (var beans = ApplicationContext.run();
                var host = new TestCluster("host", folder, beans.getBean(ServerComponents.class), builder -> builder)) {
            var news = new TenantNews(host.client(), Clock.systemUTC());
            TenantCondition both = condition(true, "BothTaken", "ca-2 issues certificates");
            TenantCondition done = condition(false, "Rotated", "ca-2 issues them alone");
            news.tellRotation(tenant(), Optional.empty(), both);
            news.tellRotation(tenant(), Optional.of(both), both);
            assertThat(told(host)).containsExactly("Normal KeysRotating ca-2 issues certificates");
            news.tellRotation(tenant(), Optional.of(both), done);
            news.tellRotation(tenant(), Optional.of(done), done);
            assertThat(told(host))
                    .containsExactlyInAnyOrder(
                            "Normal KeysRotating ca-2 issues certificates",
                            "Normal KeysRotated ca-2 issues them alone");
        }
    }

    private static void tell(TenantNews news, @Nullable TenantCondition before, TenantCondition now) {
        news.tell(tenant(), Optional.ofNullable(before), now);
    }

    private static Tenant tenant() {
        var tenant = new Tenant();
        tenant.setMetadata(
                new ObjectMetaBuilder().withName("acme").withUid("u1").build());
        return tenant;
    }

    private static List<String> told(TestCluster host) {
        return host.client().v1().events().inNamespace("default").list().getItems().stream()
                .filter(event -> event.getInvolvedObject().getUid().equals("u1"))
                .map(event -> event.getType() + " " + event.getReason() + " " + event.getMessage())
                .toList();
    }

    private static TenantCondition condition(boolean holds, String reason, String message) {
        return TenantCondition.of(TenantCondition.READY, holds, 1L, Instant.EPOCH, reason, message);
    }
}
