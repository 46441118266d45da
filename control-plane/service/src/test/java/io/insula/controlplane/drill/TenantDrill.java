package io.insula.controlplane.drill;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.controlplane.backup.BackupManifest;
import io.insula.controlplane.backup.BackupPlace.Kept;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.tenant.Tenancy;
import io.insula.controlplane.tenant.Tenant;
import io.insula.controlplane.tenant.TenantCondition;
import io.insula.tenantapi.api.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/// Tenants live and die, one after the other, under writes, while their service, their etcd, or both are killed.
/// Whatever was acknowledged is there in the end, and is told of; nobody is stuck; nothing is left. Confined to one
/// thread.
final class TenantDrill {

    private static final Duration VALID = Duration.ofDays(1);
    private static final List<String> WISHES =
            List.of("service-account: begin", "service-account: finish", "ca: begin", "ca: finish");

    private final Place place;
    private final Random random;
    private final Drill drill;
    private final List<Backup> backups = new ArrayList<>();
    private DrillWriter writer = new DrillWriter();
    private String name = "";
    private int made;
    private int wishes;
    private int updates;

    /// @param must what was acknowledged before it was begun
    /// @param after the first name that was not even tried when it was over
    private record Backup(String id, Set<String> must, String after) {}

    TenantDrill(Place place, Random random, int kills) {
        this.place = place;
        this.random = random;
        this.drill = new Drill(place, random, kills, () -> writer.toString());
    }

    /// How often each chore was struck.
    Map<Chore, Integer> run() {
        while (!drill.isOver()) {
            create();
            while (!drill.isOver() && !name.isEmpty()) {
                carryOut(choose());
            }
            if (!name.isEmpty()) {
                delete();
            }
        }
        drill.close();
        return drill.struck();
    }

    /// Those first that were struck least.
    private Chore choose() {
        List<Chore> possible = possible();
        return random.nextBoolean()
                ? possible.get(random.nextInt(possible.size()))
                : possible.stream()
                        .min(Comparator.comparing(each -> drill.struck().getOrDefault(each, 0)))
                        .orElseThrow();
    }

    private List<Chore> possible() {
        Tenant tenant = place.tenant(name).orElseThrow();
        if (annotation(tenant, Tenancy.ASLEEP).isPresent()) {
            return List.of(Chore.WAKE);
        }
        if (tenant.getSpec().isSuspended()) {
            return List.of(Chore.RESUME);
        }
        var all = new ArrayList<>(
                List.of(Chore.UPDATE, Chore.SLEEP, Chore.SUSPEND, Chore.BACKUP, Chore.ROTATE, Chore.DELETE));
        if (!backups.isEmpty()) {
            all.add(Chore.RESTORE);
        }
        return all;
    }

    private void carryOut(Chore chore) {
        switch (chore) {
            case UPDATE -> update();
            case SLEEP -> sleep();
            case WAKE -> wake();
            case SUSPEND -> suspend(true);
            case RESUME -> suspend(false);
            case BACKUP -> backup();
            case RESTORE -> restore();
            case ROTATE -> rotate();
            case DELETE -> delete();
            case BEGIN, CREATE -> throw new IllegalStateException(chore.toString());
        }
    }

    private void create() {
        name = "drill-" + made++;
        writer = new DrillWriter();
        drill.begin(Chore.CREATE, name, false);
        place.create(name);
        drill.until("it is ready", this::isReady);
        introduce();
        requireWhole();
    }

    private void introduce() {
        writer.use(drill.ask(
                "a kubeconfig",
                controller -> controller
                        .kubeconfig(name, "writer", List.of(ClusterPki.MASTERS), VALID)
                        .yaml()));
        writer.resume();
    }

    private void update() {
        drill.begin(Chore.UPDATE, name, true);
        var spec = Json.object();
        spec.putArray("allowedProfiles").add(updates++ % 2 == 0 ? "kata" : "gvisor");
        place.specify(name, spec);
        drill.until("the change is carried out", () -> isReady() && isObserved());
        requireWhole();
    }

    private void sleep() {
        writer.pause();
        drill.begin(Chore.SLEEP, name, false);
        place.annotate(name, Tenancy.ASLEEP, "");
        drill.until(
                "it sleeps",
                () -> condition(TenantCondition.READY)
                                .filter(ready -> ready.reason().equals("Asleep"))
                                .isPresent()
                        && drill.now().isAsleep(name)
                        && place.etcds(name).isEmpty());
    }

    /// By a write.
    private void wake() {
        drill.begin(Chore.WAKE, name, false);
        writer.resume();
        drill.until(
                "it is awake",
                () -> isReady()
                        && annotation(place.tenant(name).orElseThrow(), Tenancy.ASLEEP)
                                .isEmpty());
        requireWhole();
    }

    private void suspend(boolean wanted) {
        drill.begin(wanted ? Chore.SUSPEND : Chore.RESUME, name, wanted);
        place.specify(name, Json.object().put("suspend", wanted));
        drill.until(
                wanted ? "it is suspended" : "it goes on",
                () -> isReady()
                        && isObserved()
                        && condition(TenantCondition.SUSPENDED)
                                .filter(told -> told.holds() == wanted)
                                .isPresent());
        if (!wanted) {
            requireWhole();
        }
    }

    private void backup() {
        drill.begin(Chore.BACKUP, name, true);
        Set<String> must = writer.present();
        BackupManifest taken =
                drill.once("a backup", controller -> controller.backups().take(name));
        if (taken != null) {
            backups.add(new Backup(taken.id(), must, writer.next()));
        }
        drill.until("it is ready", this::isReady);
        List<Kept> kept =
                drill.ask("its backups", controller -> controller.backups().list(name));
        assertThat(kept)
                .as("whole ones only; %s", drill.describe())
                .allMatch(each -> each.manifest().isPresent())
                .extracting(Kept::id)
                .containsAll(backups.stream().map(Backup::id).toList());
        requireWhole();
    }

    private void restore() {
        Backup backup = backups.get(random.nextInt(backups.size()));
        writer.pause();
        drill.begin(Chore.RESTORE, name, false);
        place.annotate(name, Tenancy.RESTORE, backup.id());
        drill.until("it is set back", () -> {
            Tenant tenant = place.tenant(name).orElseThrow();
            return isReady()
                    && annotation(tenant, Tenancy.RESTORE).isEmpty()
                    && annotation(tenant, Tenancy.RESTORED)
                            .filter(backup.id()::equals)
                            .isPresent();
        });
        Set<String> there = drill.retried("what there is", writer::list);
        assertThat(there).as("of before the backup; %s", drill.describe()).containsAll(backup.must());
        assertThat(there)
                .as("of after the backup; %s", drill.describe())
                .allMatch(each -> each.compareTo(backup.after()) < 0);
        writer.reset(there);
        writer.resume();
        requireWhole();
    }

    private void rotate() {
        String wish = WISHES.get(wishes++ % WISHES.size());
        drill.begin(Chore.ROTATE, name, true);
        place.annotate(name, Tenancy.ROTATE, wish);
        drill.until(
                wish,
                () -> isReady()
                        && annotation(place.tenant(name).orElseThrow(), Tenancy.ROTATE)
                                .isEmpty());
        if (wish.equals("ca: begin")) {
            introduce();
        }
        requireWhole();
    }

    private void delete() {
        if (place.tenant(name).orElseThrow().getSpec().isSuspended()) {
            suspend(false);
        }
        writer.pause();
        requireWhole();
        drill.begin(Chore.DELETE, name, false);
        place.delete(name);
        drill.until("it is gone", () -> place.tenant(name).isEmpty());
        place.topic().away(false);
        drill.until("nothing of it is left", () -> place.leftOf(name).isEmpty());
        requireTold();
        writer.close();
        backups.clear();
        name = "";
    }

    /// All that was acknowledged is there, and writes go on.
    private void requireWhole() {
        Set<String> must = writer.present();
        if (writer.isPaused()) {
            writer.resume();
            requireWriting();
            writer.pause();
        } else {
            requireWriting();
        }
        Set<String> there = drill.retried("what there is", writer::list);
        var lost = new TreeSet<>(must);
        lost.removeAll(there);
        assertThat(lost).as("acknowledged, and lost; %s", drill.describe()).isEmpty();
    }

    private void requireWriting() {
        int before = writer.count();
        drill.until("writes go on", () -> writer.count() > before + 1);
    }

    /// Every acknowledged write, in order.
    private void requireTold() {
        List<String> all = writer.everAcknowledged();
        var told = new LinkedHashSet<>(place.topic().created(name));
        told.retainAll(new HashSet<>(all));
        assertThat(told).as("audit events; %s", drill.describe()).containsExactlyElementsOf(all);
    }

    private boolean isReady() {
        return condition(TenantCondition.READY).filter(TenantCondition::holds).isPresent()
                && drill.now().isReady(name);
    }

    private boolean isObserved() {
        return place.tenant(name)
                .filter(tenant -> tenant.getMetadata()
                        .getGeneration()
                        .equals(tenant.getStatus().observedGeneration()))
                .isPresent();
    }

    private Optional<TenantCondition> condition(String type) {
        return place.tenant(name)
                .flatMap(tenant -> Optional.ofNullable(tenant.getStatus()))
                .flatMap(status -> status.condition(type));
    }

    private static Optional<String> annotation(Tenant tenant, String key) {
        return Optional.ofNullable(tenant.getMetadata().getAnnotations()).map(all -> all.get(key));
    }
}
