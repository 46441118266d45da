package io.insula.syncer.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PodBuilder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostWordsTest {

    private static final NameMap NAMES = new NameMap(new TenantId("acme"));

    /// Whichever syncer speaks of the pod, its tokens' too.
    @ParameterizedTest
    @ValueSource(strings = {"Pod", "Token"})
    void knowsTheObjectAndItsTokens(String kind) {
        var pod = new PodBuilder()
                .withNewMetadata()
                .withName("web")
                .withNamespace("shop")
                .endMetadata()
                .build();
        var words = HostWords.about(pod, kind, NAMES);

        assertThat(words.translate("insula-acme/" + NAMES.hostName(kind, "shop", "web") + " waits for \""
                        + NAMES.hostName("Token", "shop", "web") + "\", not for "
                        + new NameMap(new TenantId("globex")).hostName("Pod", "shop", "db")))
                .isEqualTo("shop/web waits for \"web\", not for another");
    }
}
