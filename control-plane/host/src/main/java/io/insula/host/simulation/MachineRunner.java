package io.insula.host.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.ObjectEvent;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.controllers.objects.Owners;
import io.insula.tenantapi.controllers.objects.Statuses;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.PodView;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// Plays virt-controller and virt-handler for `virtualmachineinstances.kubevirt.io`, where these are served. As
/// KubeVirt does, a machine runs in a launcher pod with the machine's requests, selectors and labels: so it is
/// scheduled like any pod, and its phase and address are the launcher's. Source: KubeVirt user guide, "Virtual
/// machine instances".
final class MachineRunner implements Controller {

    static final GroupVersionResource MACHINES =
            new GroupVersionResource("kubevirt.io", "v1", "virtualmachineinstances");
    private static final String FINALIZER = "foregroundDeleteVirtualMachine";

    private final ObjectClient client;
    private final Clock clock;
    private final Store machines;
    private final Store pods;

    private MachineRunner(ControllerContext context) {
        this.client = context.client();
        this.clock = context.clock();
        this.machines = context.store(MACHINES);
        this.pods = context.store(Resources.PODS);
    }

    record Factory() implements ControllerFactory {
        @Override
        public String name() {
            return "virt-controller";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new MachineRunner(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.of(MACHINES)
                .watch(Resources.PODS, MachineRunner::machineOf)
                .workers(4);
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<ObjectNode> found = machines.get(key);
        if (found.isEmpty()) {
            return Outcome.SETTLED;
        }
        ObjectNode machine = found.get();
        Optional<ObjectNode> launcher =
                pods.controlledBy(Meta.uid(machine)).stream().findFirst();
        if (Meta.isBeingDeleted(machine)) {
            end(machine, launcher);
        } else if (!isOver(machine)) {
            advance(machine, launcher);
        }
        return Outcome.SETTLED;
    }

    private void advance(ObjectNode machine, Optional<ObjectNode> launcher) {
        if (!Meta.finalizers(machine).contains(FINALIZER)) {
            ArrayNode finalizers = Json.MAPPER.createArrayNode();
            Meta.finalizers(machine).forEach(finalizers::add);
            patchFinalizers(machine, finalizers.add(FINALIZER));
        }
        if (launcher.isPresent()) {
            writeStatus(machine, status(machine, launcher.get(), clock.instant()));
        } else if (phase(machine).equals("Scheduled") || phase(machine).equals("Running")) {
            writeStatus(machine, phased(machine, "Failed", clock.instant()));
        } else {
            createLauncher(machine);
            writeStatus(machine, phased(machine, "Scheduling", clock.instant()));
        }
    }

    private void createLauncher(ObjectNode machine) {
        try {
            client.create(Resources.PODS, Meta.namespace(machine), launcherOf(machine));
        } catch (ApiException e) {
            if (!e.is("AlreadyExists")) {
                throw e;
            }
        }
    }

    /// The machine ends, its launcher goes, then the machine may.
    private void end(ObjectNode machine, Optional<ObjectNode> launcher) {
        if (launcher.isPresent()) {
            if (!Meta.isBeingDeleted(launcher.get())) {
                delete(launcher.get());
            }
            return; // the launcher's end brings the key back
        }
        if (!isOver(machine)) {
            writeStatus(machine, phased(machine, "Succeeded", clock.instant()));
        }
        if (Meta.finalizers(machine).contains(FINALIZER)) {
            ArrayNode kept = Json.MAPPER.createArrayNode();
            Meta.finalizers(machine).stream().filter(f -> !f.equals(FINALIZER)).forEach(kept::add);
            patchFinalizers(machine, kept);
        }
    }

    /// A machine's status from its launcher's. Pure.
    static ObjectNode status(ObjectNode machine, ObjectNode launcher, Instant now) {
        if (PodView.of(launcher).isTerminal()) {
            return phased(machine, PodView.of(launcher).phase(), now);
        }
        String node = PodView.of(launcher).nodeName();
        boolean ready = PodView.of(launcher).isReady();
        if (node.isEmpty()) {
            return waiting(machine, PodView.of(launcher).condition("PodScheduled"), now);
        }
        ObjectNode status = phased(machine, ready || phase(machine).equals("Running") ? "Running" : "Scheduled", now);
        status.put("nodeName", node);
        Condition.remove(status, "PodScheduled");
        Condition.set(status, "Ready", ready, ready ? "" : "GuestNotRunning", "", now);
        if (ready) {
            String ip = launcher.path("status").path("podIP").asText();
            ObjectNode network = Json.object().put("name", "default").put("ipAddress", ip);
            network.putArray("ipAddresses").add(ip);
            status.putArray("interfaces").add(network);
            Condition.set(status, "LiveMigratable", true, "", "", now);
        }
        return status;
    }

    /// As KubeVirt does, it says with the scheduler's words why no node takes it.
    private static ObjectNode waiting(ObjectNode machine, Condition scheduled, Instant now) {
        ObjectNode status = phased(machine, "Scheduling", now);
        if (scheduled.isFalse()) {
            Condition.set(status, "PodScheduled", false, scheduled.reason(), scheduled.message(), now);
        }
        return status;
    }

    private static ObjectNode phased(ObjectNode machine, String phase, Instant now) {
        ObjectNode status = Statuses.of(machine.deepCopy());
        if (!status.path("phase").asText("").equals(phase)) {
            status.put("phase", phase);
            status.withArrayProperty("phaseTransitionTimestamps")
                    .addObject()
                    .put("phase", phase)
                    .put("phaseTransitionTimestamp", Meta.timestamp(now));
        }
        if (!phase.equals("Running")) {
            Condition.set(status, "Ready", false, "GuestNotRunning", "Guest VM is not reported as running", now);
        }
        return status;
    }

    /// The pod that holds the machine: its name follows from the machine's uid, so that it is made once.
    static ObjectNode launcherOf(ObjectNode machine) {
        JsonNode spec = machine.path("spec");
        ObjectNode pod = Json.object().put("apiVersion", "v1").put("kind", "Pod");
        ObjectNode meta = pod.putObject("metadata");
        String uid = Meta.uid(machine);
        meta.put("name", "virt-launcher-" + Meta.name(machine) + "-" + uid.substring(0, Math.min(5, uid.length())));
        ObjectNode labels = meta.putObject("labels");
        Meta.labels(machine).forEach(labels::put);
        labels.put("kubevirt.io", "virt-launcher").put("kubevirt.io/created-by", uid);
        meta.putArray("ownerReferences").add(Owners.controllerReference(machine));
        ObjectNode podSpec = pod.putObject("spec").put("restartPolicy", "Never");
        podSpec.putObject("nodeSelector").put("kubevirt.io/schedulable", "true");
        spec.path("nodeSelector")
                .properties()
                .forEach(e -> podSpec.withObjectProperty("nodeSelector").set(e.getKey(), e.getValue()));
        for (String field : List.of("priorityClassName", "tolerations", "affinity", "topologySpreadConstraints")) {
            if (spec.has(field)) {
                podSpec.set(field, spec.path(field).deepCopy());
            }
        }
        // it is simulated wherever it runs
        podSpec.withArrayProperty("tolerations")
                .addObject()
                .put("key", SimulationKeys.SIMULATED)
                .put("operator", "Exists")
                .put("effect", "NoSchedule");
        podSpec.put(
                "terminationGracePeriodSeconds",
                spec.path("terminationGracePeriodSeconds").asInt(30));
        podSpec.put("automountServiceAccountToken", false);
        ObjectNode container =
                podSpec.putArray(ContainerView.Kind.ORDINARY.field()).addObject();
        container.put("name", "compute").put("image", "quay.io/kubevirt/virt-launcher:v1.6.0");
        JsonNode domain = spec.path("domain");
        if (domain.path("resources").isObject()) {
            // the rest of it tells KubeVirt how to reckon
            ObjectNode resources = container.putObject("resources");
            for (String field : List.of("requests", "limits")) {
                if (domain.path("resources").has(field)) {
                    resources.set(field, domain.path("resources").path(field).deepCopy());
                }
            }
        } else if (domain.path("memory").hasNonNull("guest")) {
            container
                    .putObject("resources")
                    .putObject("requests")
                    .set("memory", domain.path("memory").path("guest"));
        }
        return pod;
    }

    private void writeStatus(ObjectNode machine, ObjectNode status) {
        if (status.equals(machine.path("status"))) {
            return;
        }
        try {
            patchStatus(machine, "status", status);
        } catch (ApiException e) {
            if (e.code() != 404) {
                throw e;
            }
            // an installation of KubeVirt that serves no status subresource
            patchStatus(machine, "", status);
        }
    }

    private void patchStatus(ObjectNode machine, String subresource, ObjectNode status) {
        client.mergePatch(MACHINES, Meta.namespace(machine), Meta.name(machine), subresource, Statuses.patch(status));
    }

    private void patchFinalizers(ObjectNode machine, ArrayNode finalizers) {
        ObjectNode patch = Json.object();
        patch.putObject("metadata").set("finalizers", finalizers);
        client.mergePatch(MACHINES, Meta.namespace(machine), Meta.name(machine), "", patch);
    }

    private void delete(ObjectNode launcher) {
        ObjectNode options = Json.object();
        options.putObject("preconditions").put("uid", Meta.uid(launcher));
        try {
            client.delete(Resources.PODS, Meta.namespace(launcher), Meta.name(launcher), options);
        } catch (ApiException e) {
            if (!e.is("NotFound")) {
                throw e;
            }
        }
    }

    private static String phase(ObjectNode machine) {
        return machine.path("status").path("phase").asText("");
    }

    private static boolean isOver(ObjectNode machine) {
        return phase(machine).equals("Succeeded") || phase(machine).equals("Failed");
    }

    private static Collection<Key> machineOf(ObjectEvent event) {
        return Owners.controllerName(event.object(), "kubevirt.io", "VirtualMachineInstance")
                .map(name -> List.of(new Key(Meta.namespace(event.object()), name)))
                .orElse(List.of());
    }
}
