package io.insula.controlplane.service;

import io.insula.controlplane.audit.KafkaSettings;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.Ports;
import io.insula.controlplane.keys.KeySafe;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Kafka, ours or somebody else's. Immutable.
///
/// @param started when ours answers, or somebody else's was tried once; fails as a step of the start does
record Broker(
        KafkaSettings settings,
        CompletableFuture<Void> started,
        @Nullable EmbeddedBroker embedded) {

    private static final Logger LOG = LoggerFactory.getLogger(Broker.class);

    /// Starts one beside everything else: events wait in the spools until it answers.
    static Broker own(Home home, Ports ports, Clock clock, KeySafe safe, StartSteps steps, OpenParts open) {
        var thread = thread(open);
        var embedded = new EmbeddedBroker(home, ports, clock, safe);
        // Closed before the thread is awaited: a start still under way ends then.
        open.add(embedded);
        var started = CompletableFuture.runAsync(() -> steps.run("Kafka", embedded::start), thread);
        return new Broker(embedded.settings(), started, embedded);
    }

    /// Somebody else's Kafka may be away for a while: tenants run nevertheless, and their events wait. So this is
    /// tried once, for whoever starts the service; the shipper goes on trying.
    static Broker given(KafkaSettings settings, Home home, StartSteps steps, OpenParts open) {
        return new Broker(
                settings, CompletableFuture.runAsync(() -> tryOut(settings, home, steps), thread(open)), null);
    }

    /// Whether events can go there now, as far as that is known: of somebody else's only the shipper can tell.
    boolean isReady() {
        return embedded == null || embedded.isReady();
    }

    private static ExecutorService thread(OpenParts open) {
        return open.add(Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("insula-kafka-start").daemon(true).factory()));
    }

    private static void tryOut(KafkaSettings external, Home home, StartSteps steps) {
        try {
            external.requireAnswer();
            steps.say("Kafka at " + external.bootstrap() + " answers");
        } catch (KafkaException e) {
            LOG.atWarn()
                    .addKeyValue("bootstrap", external.bootstrap())
                    .setCause(e)
                    .log("Kafka does not answer");
            steps.say("Kafka at " + external.bootstrap() + " does not answer (" + e.getMessage()
                    + "): audit events wait on disk until it does; `" + home.command("status") + "` tells");
        }
    }
}
