package io.insula.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.controlplane.home.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A death at any point of a restore, and what the next attempt makes of it.
final class RestorationTest {

    private static final String BACKUP = "20260131T120000Z-1a2b";

    private final Provisioning stores = new Provisioning(ConcurrentHashMap.newKeySet(), _ -> {});
    private int unpacked;

    @TempDir
    private Path folder;

    @Test
    void endsInTheSamePlaceAfterADeathAnywhere() throws IOException {
        for (int death = 0; death <= 4; death++) {
            Path tenant = tenant("t" + death);
            Restoration restoration = of(tenant);
            dieAt(death, restoration, tenant);

            restoration.prepare(BACKUP);
            restoration.carryOut(BACKUP);
            restoration.clean();

            assertThat(tenant.resolve("etcd/data/member/of"))
                    .as("death " + death)
                    .hasContent("the backup");
            assertThat(tenant.resolve("etcd/before-" + BACKUP + "/member/of"))
                    .as("death " + death)
                    .hasContent("before");
            assertThat(tenant.resolve("pki/ca.key")).as("its own keys").hasContent("own");
            assertThat(tenant.resolve("credentials/1.json"))
                    .as("what it had none of")
                    .hasContent("given");
            assertThat(tenant.resolve("restore")).doesNotExist();
        }
    }

    /// The other tenant's keys would open both of them; and what is the other one's in the store must be known as that
    /// from the first moment on.
    @Test
    void makesACopyWithoutTheKeysOfTheOtherTenantAfterADeathAnywhere() {
        String wish = "acme/" + BACKUP;
        for (int death = 0; death <= 3; death++) {
            Path tenant = AtomicFiles.folder(folder.resolve("copy-" + death));
            Restoration restoration = of(tenant, true);
            if (death == 0) {
                AtomicFiles.write(tenant.resolve("restore/pki/ca.key"), "given");
            }
            if (death > 0) {
                restoration.prepare(wish);
            }
            if (death == 2) {
                AtomicFiles.write(Restoration.copyMark(tenant), wish);
            }
            if (death == 3) {
                restoration.carryOut(wish);
                assertThat(restoration.isUnderWay(wish)).as("it is known again").isTrue();
            }

            restoration.prepare(wish);
            restoration.carryOut(wish);
            restoration.clean();

            String when = "death " + death;
            assertThat(tenant.resolve("etcd/data/member/of")).as(when).hasContent("the backup");
            assertThat(names(tenant)).as(when).containsExactly("etcd");
            assertThat(Restoration.copyMark(tenant)).as(when).exists();
        }
    }

    private static void dieAt(int death, Restoration restoration, Path tenant) throws IOException {
        if (death == 0) {
            // in the middle of unpacking
            AtomicFiles.write(tenant.resolve("restore/tenant.json"), "half");
            return;
        }
        restoration.prepare(BACKUP);
        Path before = tenant.resolve("etcd/before-" + BACKUP);
        if (death == 2) {
            Files.move(tenant.resolve("etcd/data"), before);
        } else if (death > 2) {
            restoration.carryOut(BACKUP);
        }
        if (death == 4) {
            restoration.carryOut(BACKUP);
        }
    }

    @Test
    void preparesOnceAndKeepsWhatWasBeforeOnlyOnce() throws IOException {
        Path tenant = tenant("acme");
        Restoration restoration = of(tenant);
        restoration.prepare(BACKUP);
        restoration.prepare(BACKUP);
        assertThat(unpacked).isEqualTo(1);
        restoration.carryOut(BACKUP);
        restoration.clean();

        String other = "20260201T120000Z-1a2b";
        restoration.prepare(other);
        restoration.carryOut(other);
        restoration.clean();
        assertThat(names(tenant.resolve("etcd"))).containsExactlyInAnyOrder("data", "before-" + other);
    }

    @Test
    void changesNothingWhenItCannotBePrepared() throws IOException {
        Path tenant = tenant("acme");
        assertThatThrownBy(() -> failing(tenant).prepare(BACKUP)).hasMessage("damaged");
        assertThat(tenant.resolve("etcd/data/member/of")).hasContent("before");
    }

    /// The wish is taken back, or another backup is wished for that is no good, when the old store has made room
    /// already.
    @Test
    void goesBackToTheOldStoreWhereTheNewOneIsNotWantedAnyMore() throws IOException {
        for (boolean another : List.of(false, true)) {
            Path tenant = tenant("back-" + another);
            of(tenant).prepare(BACKUP);
            Files.move(tenant.resolve("etcd/data"), tenant.resolve("etcd/before-" + BACKUP));

            if (another) {
                assertThatThrownBy(() -> failing(tenant).prepare("20260201T120000Z-1a2b"))
                        .hasMessage("damaged");
                assertThat(of(tenant).hasStore()).isTrue();
            }
            of(tenant).clean();

            assertThat(tenant.resolve("etcd/data/member/of")).hasContent("before");
            assertThat(names(tenant.resolve("etcd"))).containsExactly("data");
            assertThat(tenant.resolve("restore")).doesNotExist();
        }
    }

    @Test
    void knowsATenantThatHasNothingToGoOnWith() {
        Path tenant = AtomicFiles.folder(folder.resolve("new"));
        Restoration restoration = of(tenant);
        restoration.prepare(BACKUP);
        assertThat(restoration.hasStore()).isFalse();
        restoration.carryOut(BACKUP);
        restoration.clean();
        assertThat(restoration.hasStore()).isTrue();
        assertThat(names(tenant.resolve("etcd"))).containsExactly("data");
        assertThat(tenant.resolve("credentials/1.json")).hasContent("given");
    }

    private Restoration failing(Path tenant) {
        return new Restoration(
                (_, _) -> {
                    throw new IllegalStateException("damaged");
                },
                stores,
                tenant,
                false);
    }

    private static List<String> names(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(each -> each.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new AssertionError(folder.toString(), e);
        }
    }

    private Path tenant(String name) {
        Path tenant = AtomicFiles.folder(folder.resolve(name));
        AtomicFiles.write(tenant.resolve("etcd/data/member/of"), "before");
        AtomicFiles.write(tenant.resolve("pki/ca.key"), "own");
        return tenant;
    }

    private Restoration of(Path tenant) {
        return of(tenant, false);
    }

    private Restoration of(Path tenant, boolean isCopy) {
        return new Restoration(
                (_, into) -> {
                    unpacked++;
                    AtomicFiles.deleteTree(into);
                    List.of("pki/ca.key", "credentials/1.json", "snapshot.db")
                            .forEach(file -> AtomicFiles.write(into.resolve(file), "given"));
                },
                stores,
                tenant,
                isCopy);
    }
}
