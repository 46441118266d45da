package io.insula.node.pod;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ImageNamesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "busybox",
                "busybox:1.36",
                "library/busybox",
                "localhost:5000/a/b_c:v1",
                "Example.com/a__b/c-d:T_1",
                "a@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                "registry.k8s.io/pause:3.9@sha256:0123456789abcdef0123456789abcdef"
            })
    void takesWhatARegistryMayHave(String name) {
        assertThat(ImageNames.isValid(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "example.com/UPPER", "a b", "a:", "a@sha256:12", "/a", "a//b", "-a", "a:.x", "a;rm"})
    void refusesWhatNobodyHas(String name) {
        assertThat(ImageNames.isValid(name)).isFalse();
    }
}
