package io.insula.syncer.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class NameMapTest {

    private final NameMap acme = new NameMap(new TenantId("acme"));
    private final NameMap globex = new NameMap(new TenantId("globex"));

    @Test
    void neverGivesTwoObjectsOneName() {
        var names = new HashSet<String>();
        for (var map : List.of(acme, globex)) {
            for (var kind : List.of("Pod", "Secret")) {
                names.add(map.hostName(kind, "a", "b-c"));
                names.add(map.hostName(kind, "a-b", "c"));
                names.add(map.hostName(kind, "a.b", "c"));
                names.add(map.hostName(kind, "c", "a-b"));
                names.add(map.hostName(kind, "n", "x".repeat(100) + "1"));
                names.add(map.hostName(kind, "n", "x".repeat(100) + "2"));
            }
        }
        assertThat(names).hasSize(24);
    }

    @Test
    void givesNamesThatEveryKindAccepts() {
        for (var name : List.of("web", "0-starts-with-a-digit", "with.dots", "x".repeat(253))) {
            assertThat(acme.hostName("Service", "default", name))
                    .hasSizeLessThanOrEqualTo(63)
                    .matches("[a-z]([-a-z0-9]*[a-z0-9])?");
        }
        assertThat(acme.hostName("Pod", "shop", "web")).startsWith("web-shop-").hasSize(29);
    }

    /// Objects that are on hosts keep their names: what can be read of them is as it ever was.
    @Test
    void keepsWhatCanBeReadOfAName() {
        record Case(String namespace, String name, String want) {}
        for (var each : List.of(
                new Case("shop", "web", "web-shop"),
                new Case("shop", "Web..Front_End", "web-front-end-shop"),
                new Case("9", "0", "x0-9"),
                new Case("shop", "-.web", "x-web-shop"),
                new Case("", "", "x"),
                new Case("shop", "ünï\u0130", "x-n-i-shop"),
                new Case("shop", "x".repeat(40) + ".y", "x".repeat(40) + "-y"),
                new Case("shop", "x".repeat(41) + "..y", "x".repeat(41)),
                new Case("n", "1" + "x".repeat(60), "x1" + "x".repeat(40)))) {
            var name = acme.hostName("Service", each.namespace(), each.name());
            assertThat(name.substring(0, name.length() - 21)).isEqualTo(each.want());
        }
    }

    @Test
    void findsTheWayBackOnlyForObjectsOfThisTenantWithTheNameThatFollows() {
        var host = host(acme);

        assertThat(acme.tenantKey(host)).contains(new SyncKey(new TenantId("acme"), "ConfigMap", "shop", "settings"));
        assertThat(globex.tenantKey(host)).isEmpty();
        assertThat(acme.tenantKey(new ConfigMapBuilder(host)
                        .editMetadata()
                        .addToAnnotations(InsulaLabels.NAME, "other")
                        .endMetadata()
                        .build()))
                .as("an annotation that was changed by hand")
                .isEmpty();
    }

    @Test
    void keepsTenantLabelsFromMeaningAnythingOnTheHost() {
        assertThat(NameMap.hostLabel("app")).isEqualTo("tenant.insula.io/app");
        assertThat(NameMap.hostLabel("insula.io/tenant")).startsWith("tenant.insula.io/tenant-");
        assertThat(NameMap.hostLabel("a/app")).isNotEqualTo(NameMap.hostLabel("b/app"));
        assertThat(NameMap.hostLabel("a/" + "x".repeat(63)).length())
                .isLessThanOrEqualTo("tenant.insula.io/".length() + 63);
    }

    private static ConfigMap host(NameMap names) {
        var tenant = new ConfigMapBuilder()
                .withNewMetadata()
                .withName("settings")
                .withNamespace("shop")
                .withUid("u1")
                .endMetadata()
                .build();
        return new ConfigMapBuilder()
                .withMetadata(names.hostMeta("ConfigMap", tenant))
                .build();
    }
}
