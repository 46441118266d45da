package io.insula.controlplane.service;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.audit.AuditTrail;
import io.insula.controlplane.home.FrontDoorPlan;
import io.insula.tenantapi.api.Json;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The parts of an installation as the admin API shows them: a row of `ready` and `endpoint` each. Immutable; what it
/// asks is asked anew each time.
///
/// @param started whether the start is over
/// @param frontDoor where tenants are reached by their names; empty where there is no such port
/// @param hostWarning what people should know of the host; empty where all is well
record Components(
        Broker broker,
        AuditTrail audit,
        StartSteps steps,
        BooleanSupplier started,
        Optional<FrontDoorPlan> frontDoor,
        Supplier<Optional<String>> hostWarning) {

    /// @param host null while there is none
    ObjectNode with(@Nullable HostCluster host) {
        ObjectNode all = Json.object();
        String waitsFor = steps.describe();
        if (!started.getAsBoolean() || !waitsFor.isEmpty()) {
            all.putObject("start").put("ready", false).put("endpoint", "starting; waits for " + waitsFor);
        }
        ObjectNode ofHost = all.putObject("host")
                .put("ready", host != null && host.ready().getAsBoolean())
                .put("endpoint", host == null ? "not started yet" : host.endpoint());
        hostWarning.get().ifPresent(warning -> ofHost.put("warning", warning));
        if (host != null) {
            host.nodes().ifPresent(nodes -> {
                ArrayNode real = all.putObject("nodes")
                        .put("ready", nodes.isReady())
                        .put("endpoint", nodes.description())
                        .putArray("real");
                nodes.real().forEach(real::add);
            });
        }
        frontDoor.ifPresent(
                plan -> all.putObject("frontDoor").put("ready", true).put("endpoint", plan.urlOf("TENANT")));
        all.putObject("kafka")
                .put("ready", broker.isReady() && !audit.isFailing())
                .put("endpoint", broker.settings().bootstrap());
        all.putObject("audit").put("ready", !audit.isRefusing()).put("endpoint", auditState());
        return all;
    }

    private String auditState() {
        if (audit.isRefusing()) {
            return "events cannot be written to disk: requests are refused until there is space";
        }
        return audit.isDrained() ? "all events are in Kafka" : "events wait for Kafka";
    }
}
