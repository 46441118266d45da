package io.insula.controlplane.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What `insula profile diff` and `apply` read and show.
final class ShownChangeTest {

    @TempDir
    private Path folder;

    @Test
    void saysWhatBecomesOfWhichPods() {
        var preview = tree("""
                {"from": "aa", "to": "bb", "tenants": ["acme", "away"], "unasked": ["away"], "unchanged": 3, "pods": [
                 {"tenant": "acme", "namespace": "shop", "name": "web", "node": "n1", "outcome": "refused",
                  "field": "spec.hostNetwork", "message": "no"},
                 {"tenant": "acme", "namespace": "shop", "name": "db", "node": "", "outcome": "replaced",
                  "changes": ["spec.runtimeClassName", "spec.overhead"]},
                 {"tenant": "acme", "namespace": "shop", "name": "job", "node": "n2", "outcome": "moved", "profile": "kata"}]}""");

        assertThat(ShownChange.isRefusing(preview)).isTrue();
        assertThat(ShownChange.of("p", preview)).isEqualTo("""
                profile p: version aa -> bb
                tenants: acme, away
                do not run, and were not asked: away
                3 pods stay the same
                acme  shop/web  on n1  would be refused: spec.hostNetwork: no
                acme  shop/db  would be another host pod: spec.runtimeClassName, spec.overhead
                acme  shop/job  on n2  would get another profile: kata
                pods that run stay as they are until they are made anew""");
    }

    @Test
    void saysThatNothingChanges() {
        var preview = tree(
                "{\"from\": \"aa\", \"to\": \"aa\", \"tenants\": [], \"unasked\": [], \"unchanged\": 0, \"pods\": []}");

        assertThat(ShownChange.isRefusing(preview)).isFalse();
        assertThat(ShownChange.of("p", preview)).isEqualTo("""
                profile p: version aa stays, pods are made as before
                tenants: none
                0 pods stay the same""");
    }

    @Test
    void readsAProfile() throws IOException {
        var file = folder.resolve("p.yaml");
        Files.writeString(
                file, "kind: IsolationProfile\nmetadata: {name: p}\nspec: {sandbox: runc}\n", StandardCharsets.UTF_8);

        assertThat(ProfileFile.read(file.toString()).name()).isEqualTo("p");
        assertThat(ProfileFile.read(file.toString()).request()).hasToString("{\"spec\":{\"sandbox\":\"runc\"}}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kind: Pod\nmetadata: {name: p}\nspec: {}\n",
                "kind: IsolationProfile\nspec: {}\n",
                "kind: IsolationProfile\nmetadata: {name: p}\n",
                "kind: IsolationProfile\nmetadata: {name: p}\nspec: {}\n---\nkind: IsolationProfile\nmetadata: {name: q}\nspec: {}\n"
            })
    void readsNothingElse(String text) throws IOException {
        var file = folder.resolve("x.yaml");
        Files.writeString(file, text, StandardCharsets.UTF_8);

        assertThatThrownBy(() -> ProfileFile.read(file.toString()))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("expected: one IsolationProfile");
    }

    private static JsonNode tree(String json) {
        return Json.parse(json.getBytes(StandardCharsets.UTF_8));
    }
}
