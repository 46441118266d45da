package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.backup.BackupException;
import io.insula.controlplane.backup.BackupKeys;
import io.insula.controlplane.backup.BackupManifest;
import io.insula.controlplane.backup.BackupPlace;
import io.insula.controlplane.backup.BackupPlace.Kept;
import io.insula.controlplane.backup.BackupSource;
import io.insula.controlplane.backup.Backups;
import io.insula.controlplane.backup.S3Backups;
import io.insula.controlplane.backup.S3Location;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.keys.KeySafe;
import io.insula.it.backend.Backend;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.storage.etcd.EtcdConfig;
import io.insula.tenantapi.storage.etcd.EtcdSnapshots;
import io.insula.tenantapi.storage.etcd.EtcdStorage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Backups in somebody else's S3-compatible store: what is in it is what was put there, whatever becomes of the way to
/// it; strangers' credentials, missing buckets and damage are told.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class S3BackupsTest {

    private static final String UID = "1-2-3";

    /// More than goes into two parts.
    private static final int LARGE = 40 << 20;

    private final Path folder = temporary();
    private final TestStore store = new TestStore(folder);
    private int places;

    private static Path temporary() {
        try {
            return Files.createTempDirectory("insula-it-store");
        } catch (IOException e) {
            throw new IllegalStateException("no temporary folder", e);
        }
    }

    @AfterAll
    void stop() throws IOException {
        store.close();
        AtomicFiles.deleteTree(folder);
    }

    @Test
    void takesProvesFindsAndRemovesBackups() throws IOException {
        try (Backend etcd = Backend.etcd();
                var storage = new EtcdStorage(EtcdConfig.plain(etcd.endpoint()));
                var snapshots = new EtcdSnapshots(EtcdConfig.plain(etcd.endpoint()))) {
            storage.create("/registry/configmaps/default/kept", "{}".getBytes(StandardCharsets.UTF_8), Duration.ZERO);
            BackupPlace place = place("takes", store.endpoint());
            var backups = new Backups(
                    place,
                    new BackupKeys(folder.resolve("backup.key")),
                    folder.resolve("scratch"),
                    Clock.systemUTC(),
                    KeySafe.PLAIN);

            BackupManifest first = backups.take(source(snapshots), false);
            BackupManifest second = backups.take(source(snapshots), true);

            assertThat(backups.list("acme")).extracting(Kept::id).containsExactlyInAnyOrder(first.id(), second.id());
            assertThat(backups.list("acm")).as("whose name begins so").isEmpty();
            assertThat(backups.find("acme", first.id())).isEqualTo(first);
            backups.verify("acme", first.id());
            assertThat(backups.list("acme").stream()
                            .filter(kept -> kept.id().equals(first.id()))
                            .findFirst()
                            .flatMap(Kept::proof)
                            .map(proof -> proof.path("state").asText()))
                    .contains("Intact");
            assertThat(backups.resource("acme", first.id()).path("kind").asText())
                    .isEqualTo("Tenant");
            assertThat(new String(
                            Files.readAllBytes(store.file("takes/acme/" + first.id() + "/backup.cms")),
                            StandardCharsets.ISO_8859_1))
                    .doesNotContain("registry", "Tenant");

            backups.retain("acme", UID, 0);
            assertThat(backups.list("acme")).extracting(Kept::id).containsExactly(first.id());
            damage(store.file("takes/acme/" + first.id() + "/backup.cms"));
            assertThatThrownBy(() -> backups.verify("acme", first.id()))
                    .isInstanceOfSatisfying(
                            BackupException.class, e -> assertThat(e.kind()).isEqualTo(BackupException.Kind.DAMAGED));
            Files.delete(store.file("takes/acme/" + first.id() + "/backup.cms"));
            assertThatThrownBy(() -> backups.verify("acme", first.id()))
                    .as("without its content")
                    .isInstanceOf(BackupException.class);
            backups.delete("acme", first.id());
            assertThat(backups.list("acme")).isEmpty();
            assertThatThrownBy(() -> backups.delete("acme", first.id())).hasMessageContaining("has no backup");
        }
    }

    private static void damage(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] = (byte) ~bytes[bytes.length / 2];
        Files.write(file, bytes);
    }

    @Test
    void carriesLargeOnesInPartsOverAWayThatIsCut() throws IOException {
        BackupPlace place = place("large", store.endpointByTheWay());
        byte[] content = content();
        store.cutAfter(LARGE / 4, 3);

        BackupManifest kept = keep(place, content);

        assertThat(store.cutsLeft()).as("it was cut").isLessThan(3);
        store.cutAfter(LARGE / 4, 3);
        try (InputStream in = place.open("acme", kept.id())) {
            assertThat(in.readAllBytes()).isEqualTo(content);
        }
        assertThat(store.cutsLeft()).as("it was cut").isLessThan(3);
    }

    /// Nothing of it is a backup then, and what was uploaded of it goes with the next one.
    @Test
    void givesUpOnAWayThatIsCutAgainAndAgain() throws IOException {
        BackupPlace place = place("cut", store.endpointByTheWay());
        byte[] content = content();
        store.cutAfter(1_000, Integer.MAX_VALUE);
        try {
            assertThatThrownBy(() -> keep(place, content))
                    .isInstanceOfSatisfying(
                            BackupException.class, e -> assertThat(e.kind()).isEqualTo(BackupException.Kind.FAILED))
                    .hasMessageContaining("cannot be reached");
        } finally {
            store.cutAfter(1, 0);
        }
        assertThat(place.list("acme")).isEmpty();
        assertThat(place.isUsed()).isFalse();

        BackupManifest kept = keep(place, new byte[] {1});

        assertThat(place.list("acme")).extracting(Kept::id).containsExactly(kept.id());
        assertThat(place.isUsed()).isTrue();
    }

    @Test
    void removesWhatADeathHasLeft() throws IOException {
        BackupPlace place = place("death", store.endpoint());
        BackupManifest dead = keep(place, new byte[] {1});
        Path sealed = store.file("death/acme/" + dead.id() + "/backup.cms");
        Files.delete(store.file("death/acme/" + dead.id() + "/manifest.json"));
        assertThat(place.list("acme")).isEmpty();
        assertThat(sealed).exists();

        keep(place, new byte[] {2});

        assertThat(sealed).doesNotExist();
        assertThat(place.list("acme")).hasSize(1);
    }

    @Test
    void saysWhatIsWrongAndNoSecret() throws IOException {
        String wrong = "wrong-secret-of-somebody";
        assertThatThrownBy(() -> place("x", store.endpoint(), TestStore.credentials(folder, "NOBODY", wrong))
                        .list("acme"))
                .hasMessageContaining("the credentials are refused (InvalidAccessKeyId)")
                .hasMessageContaining(store.endpoint())
                .hasMessageNotContaining(wrong);
        assertThatThrownBy(() ->
                        place("x", store.endpoint(), folder.resolve("none")).list("acme"))
                .hasMessageContaining("cannot be read");
        assertThatThrownBy(() -> place("x", store.endpoint(), Files.writeString(folder.resolve("empty"), ""))
                        .list("acme"))
                .hasMessageContaining("holds no credentials");
        assertThatThrownBy(() -> new S3Backups(
                                S3Location.of("s3://nothing-here/x?endpoint=" + store.endpoint()),
                                right(),
                                folder.resolve("uploads"),
                                Clock.systemUTC())
                        .list("acme"))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(BackupException.Kind.FAILED))
                .hasMessageContaining("there is no bucket \"nothing-here\"");
    }

    private BackupManifest keep(BackupPlace place, byte[] content) throws IOException {
        String id = "20261130T%06dZ-00ff".formatted(places++);
        var manifest = new BackupManifest(
                id,
                "acme",
                UID,
                Instant.parse("2026-11-30T12:00:00Z"),
                false,
                new EtcdSnapshots.Digest(1, 1, "00"),
                "key",
                "test",
                content.length,
                "00");
        Path unfinished = place.begin("acme", id);
        Files.write(unfinished.resolve("backup.cms"), content);
        place.commit(unfinished, manifest);
        return manifest;
    }

    private static byte[] content() {
        var content = new byte[LARGE];
        new Random(34).nextBytes(content);
        return content;
    }

    private BackupPlace place(String prefix, String endpoint) throws IOException {
        return place(prefix, endpoint, right());
    }

    private @Nullable Path right() throws IOException {
        return TestStore.credentials(folder, TestStore.ID, TestStore.SECRET);
    }

    private BackupPlace place(String prefix, String endpoint, @Nullable Path credentials) {
        return new S3Backups(
                S3Location.of("s3://" + TestStore.BUCKET + "/" + prefix + "?endpoint=" + endpoint),
                credentials,
                folder.resolve("uploads-" + prefix),
                Clock.systemUTC());
    }

    private BackupSource source(EtcdSnapshots snapshots) throws IOException {
        Path tenant = Files.createDirectories(folder.resolve("acme"));
        Files.createDirectories(tenant.resolve("pki"));
        Files.writeString(tenant.resolve("pki/ca.key"), "a key");
        ObjectNode resource = Json.object().put("kind", "Tenant");
        resource.putObject("metadata").put("name", "acme").put("uid", UID);
        return new BackupSource("acme", resource, tenant, List.of("pki"), snapshots);
    }
}
